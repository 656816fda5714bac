import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { buildSync } from "esbuild"
import { describe, expect, onTestFinished, test } from "vitest"
import { routes } from "../../core/contracts/http/routes.ts"
import { functionNames } from "../../lib/config.ts"
import { bundleOptions } from "../../lib/constructs/bundling.ts"
import { bundleOf, handlerFolders } from "../../lib/constructs/handler-bundles.ts"
import { testHeaderPrefix } from "../../local/gateway/edge-headers.ts"

/** 1.5 MB: a larger bundle makes cold starts slower. No shopper waits for `ops`, which has a client for every part. */
const maxBundleBytes = 1_500_000
const maxBundleBytesOf = (folder: string) => (folder === "ops" ? 2_000_000 : maxBundleBytes)

test("the folders of lambdas/ are the functions of the config", () => {
  expect([...handlerFolders].sort()).toEqual([...functionNames].sort())
})

describe.each(handlerFolders)("%s", (folder) => {
  const bundle = bundleOf(folder)
  const code = readFileSync(join(bundle, "handler.mjs"), "utf8")
  const { sources } = JSON.parse(readFileSync(join(bundle, "handler.mjs.map"), "utf8")) as { sources: string[] }

  test("is one file and its map", () => {
    expect(readdirSync(bundle).sort()).toEqual(["handler.mjs", "handler.mjs.map"])
    expect(statSync(join(bundle, "handler.mjs")).size).toBeLessThan(maxBundleBytesOf(folder))
  })

  test("has code of core/, its own folder and packages only: nothing of local/, test/ or another function", () => {
    const ours = sources.filter((source) => !source.includes("node_modules/")).map((source) => source.replace(/^(\.\.\/)+/, ""))
    expect(ours.some((source) => source.endsWith(`lambdas/${folder}/handler.ts`))).toBe(true)
    for (const source of ours) expect(source).toMatch(new RegExp(`(^|/)(core|lambdas/${folder})/`))
  })

  test("has no code for the headers of load tests", () => {
    expect(code).not.toContain(testHeaderPrefix)
    expect(code).not.toContain("LOCAL_TEST_HEADERS")
  })

  test("has no code of the local identity", () => {
    expect(code).not.toContain("/local/token")
    expect(code).not.toContain("identity.flash-sale.local")
  })
})

test("a bundle without the excluded packages signs Kafka's tokens", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flash-sale-signer-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const outfile = join(folder, "signer.mjs")
  const { outExtension: _, ...options } = bundleOptions
  buildSync({
    ...options,
    sourcemap: false,
    mainFields: [...options.mainFields],
    external: [...options.external],
    stdin: { contents: 'export { generateAuthToken } from "aws-msk-iam-sasl-signer-js"', resolveDir: process.cwd() },
    outfile,
  })
  process.env.AWS_ACCESS_KEY_ID = "AKID"
  process.env.AWS_SECRET_ACCESS_KEY = "none"
  const { generateAuthToken } = await import(pathToFileURL(outfile).href)
  const { token } = await generateAuthToken({ region: "eu-central-1" })
  const url = new URL(Buffer.from(token, "base64url").toString())
  expect(url.host).toBe("kafka.eu-central-1.amazonaws.com")
  expect(url.searchParams.get("X-Amz-Credential")).toMatch(/^AKID\/\d{8}\/eu-central-1\/kafka-cluster\/aws4_request$/)
  expect(url.searchParams.get("X-Amz-Signature")).toMatch(/^[0-9a-f]{64}$/)
})

test("no route belongs to the local run", () => {
  for (const { path } of routes) expect(path).not.toMatch(/^\/(local|metrics)/)
})
