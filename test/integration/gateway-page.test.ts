import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { ApiFunctions } from "../../local/gateway/handlers.ts"
import { openPage } from "../../local/gateway/page.ts"
import { createGateway, type Gateway } from "../../local/gateway/server.ts"

const folder = mkdtempSync(join(tmpdir(), "page-"))
const html = "<!doctype html><title>Flash sale</title>"
const script = `export const text = "${"units ".repeat(100)}"`
let gateway: Gateway
let port: number
let apiCalls = 0

beforeAll(async () => {
  const site = join(folder, "dist")
  mkdirSync(join(site, "assets"), { recursive: true })
  writeFileSync(join(folder, "secret.txt"), "outside of the page")
  writeFileSync(join(site, "index.html"), html)
  writeFileSync(join(site, "paused.html"), "<!doctype html><title>Paused</title>")
  writeFileSync(join(site, "icon.svg"), "<svg/>")
  writeFileSync(join(site, "assets", "index-a1b2.js"), script)
  writeFileSync(join(site, "assets", "index-a1b2.js.br"), brotliCompressSync(script))
  writeFileSync(join(site, "assets", "index-a1b2.js.gz"), gzipSync(script))
  const problem = {
    handler: async () => {
      apiCalls += 1
      return { statusCode: 404, headers: { "content-type": "application/problem+json" }, body: "{}" }
    },
  }
  const functions: ApiFunctions = new Map(["not-found", "catalogue", "orders"].map((name) => [name, problem]))
  gateway = createGateway({ functions, page: openPage(site) })
  port = await gateway.listen(0)
})
afterAll(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true })
})

/** Sends the path as it is: `fetch` would resolve its dots. */
function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number; headers: Record<string, string | undefined>; body: Buffer }>((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, method, headers }, async (response) => {
      const received = response.headers as Record<string, string | undefined>
      resolve({ status: response.statusCode ?? 0, headers: received, body: await buffer(response) })
    })
    sent.on("error", reject).end()
  })
}

describe("the page", () => {
  test.each(["/", "/index.html", "/orders", "/sale/sku-001", "/sale/unknown?from=mail"])("answers at %s", async (path) => {
    const { status, headers, body } = await get(path)
    expect([status, body.toString()]).toEqual([200, html])
    expect(headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" })
  })

  test("a hashed file is immutable, and comes in the best encoding that the client accepts", async () => {
    const path = "/assets/index-a1b2.js"
    const plain = await get(path)
    expect(plain.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
    })
    expect(plain.headers).not.toHaveProperty("content-encoding")
    expect(plain.body.toString()).toBe(script)
    expect((await get(path, { "accept-encoding": "gzip, deflate, br" })).headers["content-encoding"]).toBe("br")
    expect((await get(path, { "accept-encoding": "br;q=0, identity" })).headers).not.toHaveProperty("content-encoding")
    const zipped = await get(path, { "accept-encoding": "gzip" })
    expect(zipped.headers["content-encoding"]).toBe("gzip")
    expect(gunzipSync(zipped.body).toString()).toBe(script)
    expect(zipped.headers.etag).not.toBe(plain.headers.etag)
  })

  test("a browser that knows the content gets 304 without it", async () => {
    const { headers } = await get("/")
    const known = await get("/sale/sku-001", { "if-none-match": `"other", W/${headers.etag}` })
    expect([known.status, known.body.length, known.headers.etag]).toEqual([304, 0, headers.etag])
    expect((await get("/", { "if-none-match": '"other"' })).status).toBe(200)
  })

  test("HEAD has the headers and no content", async () => {
    const { status, headers, body } = await get("/", {}, "HEAD")
    expect([status, headers["content-length"], body.length]).toEqual([200, String(html.length), 0])
  })

  test("every file has the security headers, and the policy allows nothing inline", async () => {
    for (const path of ["/", "/assets/index-a1b2.js", "/icon.svg", "/paused.html", "/config.json"]) {
      const { headers } = await get(path)
      expect(headers, path).toMatchObject({
        "content-security-policy": expect.stringMatching(
          /^default-src 'none'; script-src 'self'; style-src 'self'; .*connect-src 'self'; frame-src 'none'; /,
        ),
        "cross-origin-opener-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      })
      expect(headers["content-security-policy"]).not.toContain("unsafe")
    }
  })

  test("its configuration says that this is the local stage", async () => {
    const { headers, body } = await get("/config.json")
    expect(headers).toMatchObject({ "content-type": "application/json; charset=utf-8", "cache-control": "no-cache" })
    expect(JSON.parse(body.toString())).toEqual({
      stage: "local",
      apiBaseUrl: "",
      signIn: { kind: "local" },
      payments: { kind: "simulated" },
    })
  })
})

describe("what is no file of the page goes to the API", () => {
  test.each([
    "/nothing",
    "/sale",
    "/orders/1",
    "/assets/",
    "/assets/gone-9f9f.js",
    "/assets/../../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "//index.html",
    "/index.html/",
    "/assets\\index-a1b2.js",
    "/index.html%00",
    "/assets/index-a1b2.js.br",
  ])("GET %s", async (path) => {
    const before = apiCalls
    const { status, headers } = await get(path)
    expect([status, headers["content-type"]]).toEqual([404, "application/problem+json"])
    expect(apiCalls).toBe(before + 1)
  })

  test.each(["POST", "DELETE", "PUT"])("%s of the page's own address", async (method) => {
    expect((await get("/", {}, method)).headers["content-type"]).toBe("application/problem+json")
  })

  test("routes of the API, also those whose name the page has, too", async () => {
    for (const path of ["/v1/skus", "/v1/orders"])
      expect((await get(path)).headers["content-type"]).toBe("application/problem+json")
  })
})

test("a gateway without a built page serves the API alone", async () => {
  const page = openPage(join(folder, "nothing"))
  expect(page.isBuilt).toBe(false)
  expect(
    page.answer({ method: "GET", path: "/", received: { headers: {}, cookies: [], hasTransferEncoding: false } }),
  ).toBeUndefined()
})
