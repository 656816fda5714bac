import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { routes } from "../../core/contracts/http/routes.ts"
import { newKey } from "./bad-input-api.ts"
import { givenShop } from "./bad-input-shop.ts"
import { faultOf, type RawAnswer, rawRequest } from "./raw-http.ts"

let shop: Awaited<ReturnType<typeof givenShop>>
let token: string
let sku: string
beforeAll(async () => {
  shop = await givenShop()
  sku = await shop.api.sku({ per_user_limit: 1_000, max_unpaid_holds: 1_000 })
  token = await shop.api.token({ user: "fuzz", scope: "sales:admin reservations:batch" })
})
afterAll(() => shop.close())

const numRuns = 250

const ask = async (head: string, body: Buffer = Buffer.alloc(0)): Promise<RawAnswer | undefined> => {
  const length = body.length > 0 ? `content-length: ${body.length}\r\n` : ""
  const answer = await rawRequest(
    shop.api.port,
    Buffer.concat([Buffer.from(`${head}${length}connection: close\r\n\r\n`, "latin1"), body]),
  )
  if (answer) expect(faultOf(answer, head)).toBeUndefined()
  return answer
}
const authorised = () => `host: shop\r\nauthorization: Bearer ${token}\r\n`

const encode = (value: unknown) => Buffer.from(JSON.stringify(value) ?? "").toString("base64url")
/** Text as bytes that HTTP allows in a header or a request target. */
const lineText = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0 && byte !== 10 && byte !== 13)).toString("latin1"))

test("only the good token is accepted, and every other token gets a plain 401", async () => {
  const [header = "", payload = "", signature = ""] = token.split(".")
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("", "null", "../../../etc/passwd", "' OR 1=1 --", "http://127.0.0.1:1/jwks"),
  )
  const oddHeader = fc.record(
    {
      alg: fc.constantFrom("RS256", "none", "HS256", "ES256", "EdDSA", "", null, 7),
      kid: odd,
      jku: odd,
      jwk: odd,
      x5u: odd,
      crit: odd,
      zip: fc.constant("DEF"),
    },
    { requiredKeys: [] },
  )
  const oddClaims = fc.record(
    { sub: odd, iss: odd, aud: odd, exp: odd, nbf: odd, scope: odd, tier: odd, ["__proto__"]: odd },
    { requiredKeys: [] },
  )
  const part = (good: string, values: fc.Arbitrary<unknown>) =>
    fc.oneof(
      fc.constant(good),
      values.map(encode),
      fc.base64String().map((text) => text.replaceAll("/", "_")),
      fc.constant(""),
    )
  const anyToken = fc.oneof(
    fc.tuple(part(header, oddHeader), part(payload, oddClaims), part(signature, odd)).map((parts) => parts.join(".")),
    fc.array(fc.constantFrom(header, payload, signature, ".", "=", "é"), { maxLength: 8 }).map((parts) => parts.join(".")),
    lineText,
  )
  await fc.assert(
    fc.asyncProperty(anyToken, async (text) => {
      fc.pre(text !== token)
      const answer = await ask(`GET /v1/orders HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer ${text}\r\n`)
      expect([400, 401, 431]).toContain(answer?.status)
    }),
    { numRuns },
  )
})

test("no header, by any name, causes an error of the server", async () => {
  const known = [
    ...[
      "accept",
      "content-type",
      "content-encoding",
      "content-length",
      "transfer-encoding",
      "host",
      "cookie",
      "prefer",
      "expect",
    ],
    ...["idempotency-key", "x-correlation-id", "traceparent", "tracestate", "x-forwarded-for", "x-amzn-trace-id", "forwarded"],
    ...["__proto__", "constructor", "x-origin-secret", "x-http-method-override", "upgrade", "te", "range", "if-none-match"],
  ]
  const name = fc.oneof(fc.constantFrom(...known), fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/))
  const header = fc.tuple(
    name,
    fc.oneof(lineText, fc.constantFrom("*/*;q=abc", ",,,;;;", "chunked, chunked", "-1", "100-continue", "bytes=0-")),
  )
  const method = fc.constantFrom("GET /v1/orders", "GET /v1/skus", "POST /v1/reservations")
  await fc.assert(
    fc.asyncProperty(method, fc.array(header, { maxLength: 5 }), async (line, headers) => {
      const body = line.startsWith("POST") ? Buffer.from(JSON.stringify({ sku_id: sku, quantity: 1 })) : Buffer.alloc(0)
      // A declared length above the sent bytes makes a slow client, which has a test of its own.
      const allowed = headers.filter(([name]) => !/^(content-length|transfer-encoding|expect)$/i.test(name) || body.length === 0)
      const lines = allowed.map(([name, value]) => `${name}: ${value}\r\n`).join("")
      fc.pre(!/content-length: *\+?\d|transfer-encoding/i.test(lines))
      await ask(`${line} HTTP/1.1\r\n${authorised()}${lines}`, body)
    }),
    { numRuns },
  )
})

test("no path, in any spelling, leads to anything but the routes", async () => {
  const segment = fc.oneof(
    fc.constantFrom(
      "v1",
      "skus",
      "reservations",
      "orders",
      "admin",
      "local",
      "..",
      ".",
      "",
      "%2e%2e",
      "%2f",
      "%00",
      "%",
      "%zz",
      "%c0%af",
      "__proto__",
    ),
    fc.constantFrom("openapi.json", "batch", "availability", "etc", "passwd", "*", ";", "\\", "é", "?", "#", "'--", "{sku_id}"),
    fc.webSegment(),
    fc.uuid(),
  )
  const path = fc.array(segment, { maxLength: 7 }).map((segments) => `/${segments.join("/")}`)
  const query = fc.oneof(
    fc.constant(""),
    fc.webQueryParameters().map((text) => `?${text}`),
    fc.constantFrom("?receipt", "?receipt=%", "?__proto__[x]=1", "?&&&=&"),
  )
  const methods = fc.constantFrom("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE")
  await fc.assert(
    fc.asyncProperty(methods, path, query, async (method, where, more) => {
      fc.pre(!/[\s\u0080-\uffff]/.test(where + more))
      await ask(`${method} ${where}${more} HTTP/1.1\r\n${authorised()}`)
    }),
    { numRuns },
  )
})

test("no bytes, as the body of any route that takes one, cause an error of the server", async () => {
  const posts = routes
    .filter(({ method }) => method === "POST")
    .map(({ path }) => path.replace("{sku_id}", "none").replace("{reservation_id}", newKey()))
  const json = fc.jsonValue({ maxDepth: 7 }).map((value) => Buffer.from(JSON.stringify(value)))
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 }).map((array) => Buffer.from(array))
  const cut = fc.tuple(json, fc.nat(50)).map(([text, at]) => text.subarray(0, at + 1))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...posts), fc.oneof(json, bytes, cut), async (path, body) => {
      const headers = `${authorised()}content-type: application/json\r\nidempotency-key: ${newKey()}\r\n`
      const answer = await ask(`POST ${path} HTTP/1.1\r\n${headers}`, body)
      expect(answer?.status).toBeGreaterThanOrEqual(400)
    }),
    { numRuns },
  )
})

test("afterwards every invariant holds", () => shop.expectInvariants())
