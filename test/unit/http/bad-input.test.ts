import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { endpoint, type HttpHandler, httpHandler, publicEndpoint } from "../../../core/adapters/http/handler.ts"
import { maxHeaderBytes, maxQueryBytes } from "../../../core/adapters/http/limits.ts"
import { ReceiptQuery, ReserveBatchBody, ReserveBody } from "../../../core/contracts/http/reservations.ts"
import { maxBodyBytes } from "../../../core/contracts/http/routes.ts"
import { type Call, call } from "./call.ts"
import { givenIssuer } from "./local-issuer.ts"

const reserveRoute = "POST /v1/reservations"
const batchRoute = "POST /v1/reservations/batch"
const statusRoute = "GET /v1/reservations/{reservation_id}"
const id = "0f8fad5b-d9cb-469f-a165-70867728950e"

let issuer: Awaited<ReturnType<typeof givenIssuer>>
let handler: HttpHandler
let authorization: string

beforeAll(async () => {
  issuer = await givenIssuer()
  authorization = `Bearer ${await issuer.token({ scope: "sales:admin reservations:batch" })}`
  handler = httpHandler({
    [reserveRoute]: endpoint({ body: ReserveBody, idempotencyKey: true }, async ({ body, idempotencyKey, prefersAsync }) => ({
      status: 201,
      body: { ...body, idempotencyKey, prefersAsync },
    })),
    [batchRoute]: endpoint({ body: ReserveBatchBody, idempotencyKey: true }, async ({ body }) => ({
      status: 202,
      body: { items: body.items.length },
    })),
    [statusRoute]: endpoint({ query: ReceiptQuery }, async ({ path, query }) => ({ status: 200, body: { ...path, ...query } })),
    "GET /v1/skus/{sku_id}": publicEndpoint({}, async ({ path }) => ({ status: 200, body: path })),
    "POST /v1/admin/skus/{sku_id}/halt": endpoint({}, () => new Promise(() => {})),
    "POST /v1/admin/skus/{sku_id}/open": endpoint({}, async ({ body }) => ({ status: 200, body: { body: body ?? null } })),
  })
})
afterAll(() => issuer.close())

const good = { sku_id: "sku-001", quantity: 1 }
const json = (headers: Record<string, string> = {}) => ({
  authorization,
  "content-type": "application/json",
  "idempotency-key": "key-00001",
  ...headers,
})
const without = (name: string) => Object.fromEntries(Object.entries(json()).filter(([header]) => header !== name))

const reserve = (body: unknown, request: Call = {}) =>
  call(handler, reserveRoute, { headers: json(), body: typeof body === "string" ? body : JSON.stringify(body), ...request })

const refused = (status: number, slug: string) => ({
  status,
  headers: expect.objectContaining({ "content-type": "application/problem+json", "x-correlation-id": expect.any(String) }),
  body: expect.objectContaining({ type: `/problems/${slug}`, status, title: expect.any(String), instance: expect.any(String) }),
})
const namesFields = (answer: { body: { errors: { field: string }[] } }) => answer.body.errors.map(({ field }) => field)

test("a good request reaches the endpoint, decoded and with defaults", async () => {
  const answer = await reserve(good)
  expect(answer).toMatchObject({
    status: 201,
    body: { ...good, join_waitlist: false, idempotencyKey: "key-00001", prefersAsync: false },
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  })
})

describe("a body that is not strictly JSON is malformed-json", () => {
  test.each<[string, string | Buffer | undefined]>([
    ["missing", undefined],
    ["empty", ""],
    ["blank", "  "],
    ["cut off", '{"sku_id":"sku-001"'],
    ["with a comment", '{"sku_id":"sku-001",/* one */"quantity":1}'],
    ["with a trailing comma", '{"sku_id":"sku-001","quantity":1,}'],
    ["with NaN", '{"sku_id":"sku-001","quantity":NaN}'],
    ["two documents", "{}{}"],
    ["with a byte order mark", "\ufeff{}"],
    ["with a byte order mark in bytes", Buffer.from("\ufeff{}")],
    ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ["an overlong encoding", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ["UTF-16", Buffer.from('{"sku_id":"sku-001","quantity":1}', "utf16le")],
    ["with a duplicate key", '{"sku_id":"sku-001","quantity":1,"quantity":2}'],
    ["with a duplicate key in disguise", '{"sku_id":"sku-001","quantity":1,"qu\\u0061ntity":2}'],
    ["with a duplicate key inside", '{"sku_id":"sku-001","quantity":1,"more":[{"a":1,"a":1}]}'],
    ["nested six deep", '{"a":[[[[[1]]]]]}'],
    ["nested as deep as it is long", "[".repeat(4_000) + "]".repeat(4_000)],
  ])("%s", async (_case, body) => {
    const answer = await call(handler, reserveRoute, { headers: json(), ...(body !== undefined && { body }) })
    expect(answer).toMatchObject(refused(400, "malformed-json"))
  })

  test("but five levels are well-formed, only not what was asked for", async () => {
    expect(await reserve('{"a":[[[[1]]]]}')).toMatchObject(refused(422, "validation-failed"))
  })
  test("and names may repeat in different objects", async () => {
    expect(await reserve('{"a":{"b":1},"c":{"b":1}}')).toMatchObject(refused(422, "validation-failed"))
  })
})

describe("a body over the route's limit is payload-too-large", () => {
  const padded = (bytes: number) => `{"sku_id":"sku-001","quantity":1${" ".repeat(bytes - 33)}}`

  test("to the byte", async () => {
    expect(padded(maxBodyBytes)).toHaveLength(maxBodyBytes)
    expect(await reserve(padded(maxBodyBytes))).toMatchObject({ status: 201 })
    expect(await reserve(padded(maxBodyBytes + 1))).toMatchObject(refused(413, "payload-too-large"))
  })
  test("in bytes, not characters", async () => {
    const text = JSON.stringify({ ...good, sku_id: "é".repeat(maxBodyBytes / 2) })
    expect(text.length).toBeLessThan(maxBodyBytes)
    expect(await reserve(text)).toMatchObject(refused(413, "payload-too-large"))
    expect(await call(handler, reserveRoute, { headers: json(), body: Buffer.from(text) })).toMatchObject(
      refused(413, "payload-too-large"),
    )
  })
  test("and the batch takes a thousand items but not 512 KB", async () => {
    const items = (length: number, user: string) => ({ items: Array.from({ length }, () => ({ user_id: user, ...good })) })
    const batch = (body: object) => call(handler, batchRoute, { headers: json(), body: JSON.stringify(body) })
    expect(await batch(items(1_000, "a-user"))).toMatchObject({ status: 202, body: { items: 1_000 } })
    expect(await batch(items(1_001, "a-user"))).toMatchObject(refused(422, "validation-failed"))
    expect(await batch(items(0, "a-user"))).toMatchObject(refused(422, "validation-failed"))
    expect(await batch(items(4_000, "x".repeat(128)))).toMatchObject(refused(413, "payload-too-large"))
  })
})

describe("a Content-Type other than JSON is unsupported-media-type", () => {
  test.each(["text/plain", "application/xml", "application/json; charset=iso-8859-1", "application/vnd.api+json", "json", ""])(
    "%j",
    async (type) => {
      expect(await reserve(good, { headers: json({ "content-type": type }) })).toMatchObject(
        refused(415, "unsupported-media-type"),
      )
    },
  )
  test("none at all", async () => {
    expect(await reserve(good, { headers: without("content-type") })).toMatchObject(refused(415, "unsupported-media-type"))
  })
  test("a compressed body", async () => {
    expect(await reserve(good, { headers: json({ "content-encoding": "gzip" }) })).toMatchObject(
      refused(415, "unsupported-media-type"),
    )
  })
  test.each(["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])("but %j is JSON", async (type) => {
    expect(await reserve(good, { headers: json({ "content-type": type }) })).toMatchObject({ status: 201 })
  })
  test("and a POST without a body needs none, where none is taken", async () => {
    const open = (request: Call) =>
      call(handler, "POST /v1/admin/skus/{sku_id}/open", { path: { sku_id: "sku-001" }, headers: { authorization }, ...request })
    expect(await open({})).toMatchObject({ status: 200, body: { body: null } })
    expect(await open({ body: "{}" })).toMatchObject(refused(415, "unsupported-media-type"))
    expect(await open({ body: "{}", headers: json() })).toMatchObject({ status: 200, body: { body: null } })
    expect(await open({ body: '{"force":true}', headers: json() })).toMatchObject(refused(422, "validation-failed"))
  })
})

describe("an Accept that JSON cannot satisfy is not-acceptable", () => {
  test.each(["text/html", "application/xml, image/*", "application/json;q=0", "*/*;q=0.0", "application/json;q=high"])(
    "%j",
    async (accept) => {
      expect(await reserve(good, { headers: json({ accept }) })).toMatchObject(refused(406, "not-acceptable"))
    },
  )
  test.each(["*/*", "application/*", "text/html, */*;q=0.1", "application/problem+json", "Application/JSON; charset=utf-8", ""])(
    "but %j is satisfied",
    async (accept) => {
      expect(await reserve(good, { headers: json({ accept }) })).toMatchObject({ status: 201 })
    },
  )
})

describe("wrong fields are validation-failed, and each is named", () => {
  test.each<[string, string, string[]]>([
    ["an unknown field", '{"sku_id":"sku-001","quantity":1,"amount":5}', ["amount"]],
    ["__proto__", '{"sku_id":"sku-001","quantity":1,"__proto__":{"join_waitlist":true}}', ["__proto__"]],
    ["__proto__ in disguise", '{"sku_id":"sku-001","quantity":1,"\\u005f_proto__":1}', ["__proto__"]],
    ["constructor", '{"sku_id":"sku-001","quantity":1,"constructor":1}', ["constructor"]],
    ["quantity missing", '{"sku_id":"sku-001"}', ["quantity"]],
    ["quantity 0", '{"sku_id":"sku-001","quantity":0}', ["quantity"]],
    ["quantity -1", '{"sku_id":"sku-001","quantity":-1}', ["quantity"]],
    ["quantity 1.5", '{"sku_id":"sku-001","quantity":1.5}', ["quantity"]],
    ["quantity as text", '{"sku_id":"sku-001","quantity":"1"}', ["quantity"]],
    ["quantity 1e308", '{"sku_id":"sku-001","quantity":1e308}', ["quantity"]],
    ["quantity 1e400", '{"sku_id":"sku-001","quantity":1e400}', ["quantity"]],
    ["quantity 2^53 + 1", '{"sku_id":"sku-001","quantity":9007199254740993}', ["quantity"]],
    ["quantity null", '{"sku_id":"sku-001","quantity":null}', ["quantity"]],
    ["sku empty", '{"sku_id":"","quantity":1}', ["sku_id"]],
    ["sku too long", `{"sku_id":"${"s".repeat(65)}","quantity":1}`, ["sku_id"]],
    ["sku with NUL", '{"sku_id":"sku\\u0000","quantity":1}', ["sku_id"]],
    ["sku with a line end", '{"sku_id":"sku-001\\n","quantity":1}', ["sku_id"]],
    ["sku with an RTL override", '{"sku_id":"sku\u202e","quantity":1}', ["sku_id"]],
    ["sku with a lone surrogate", '{"sku_id":"sku\\ud800","quantity":1}', ["sku_id"]],
    ["sku with an injection", `{"sku_id":"x'; DROP TABLE inventory; --","quantity":1}`, ["sku_id"]],
    ["join_waitlist as text", '{"sku_id":"sku-001","quantity":1,"join_waitlist":"yes"}', ["join_waitlist"]],
    ["everything", '{"sku_id":7,"quantity":"1","price":1}', ["sku_id", "quantity", "price"]],
    ["an array", "[]", ["body"]],
    ["null", "null", ["body"]],
    ["a number", "1", ["body"]],
  ])("%s", async (_case, body, fields) => {
    const answer = await reserve(body)
    expect(answer).toMatchObject(refused(422, "validation-failed"))
    expect(namesFields(answer)).toEqual(fields)
  })

  test("by the path to it", async () => {
    const items = [
      { user_id: "a", ...good },
      { user_id: "b", sku_id: "sku-001", quantity: 0 },
    ]
    const answer = await call(handler, batchRoute, { headers: json(), body: JSON.stringify({ items }) })
    expect(namesFields(answer)).toEqual(["items.1.quantity"])
    const proto = await call(handler, batchRoute, { headers: json(), body: `{"items":[{"__proto__":1}]}` })
    expect(namesFields(proto)).toContain("items.0.__proto__")
  })
  test("with a bound on how many", async () => {
    const items = Array.from({ length: 1_000 }, () => ({}))
    const answer = await call(handler, batchRoute, { headers: json(), body: JSON.stringify({ items }) })
    expect(answer.body.errors).toHaveLength(100)
  })
})

describe("the query is as strict as the body", () => {
  const status = (query: string) =>
    call(handler, statusRoute, { headers: { authorization }, path: { reservation_id: id }, query })

  test("a known parameter arrives", async () => {
    expect(await status("receipt=a.b.c")).toMatchObject({ status: 200, body: { reservation_id: id, receipt: "a.b.c" } })
  })
  test.each([
    ["an unknown one", "recipt=x", "recipt"],
    ["one given twice", "receipt=x&receipt=x", "receipt"],
    ["__proto__", "__proto__=x", "__proto__"],
  ])("%s is validation-failed", async (_case, query, field) => {
    const answer = await status(query)
    expect(answer).toMatchObject(refused(422, "validation-failed"))
    expect(namesFields(answer)).toEqual([field])
  })
  test("a route without a query ignores what caches are busted with", async () => {
    expect(await call(handler, "GET /v1/skus/{sku_id}", { path: { sku_id: "sku-001" }, query: "_=1" })).toMatchObject({
      status: 200,
    })
  })
})

describe("the Idempotency-Key", () => {
  test.each([
    ["missing", undefined, "idempotency-key-required"],
    ["empty", "", "idempotency-key-required"],
    ["too short", "1234567", "idempotency-key-invalid"],
    ["too long", "k".repeat(256), "idempotency-key-invalid"],
    ["sent twice", "key-00001,key-00001", "idempotency-key-invalid"],
    ["with a space", "key 00001", "idempotency-key-invalid"],
    ["with a slash", "key/00001", "idempotency-key-invalid"],
    ["not ASCII", "kéy-00001", "idempotency-key-invalid"],
  ])("%s is refused", async (_case, key, slug) => {
    const headers = key === undefined ? without("idempotency-key") : json({ "idempotency-key": key })
    expect(await reserve(good, { headers })).toMatchObject(refused(400, slug))
  })
  test.each(["k".repeat(8), "k".repeat(255), "!\"#$%&'()*+-.:;<=>?@[]^_`{|}~"])("%s is taken", async (key) => {
    expect(await reserve(good, { headers: json({ "idempotency-key": key }) })).toMatchObject({ body: { idempotencyKey: key } })
  })
})

describe("a malformed id in the path is not-found", () => {
  test.each(["1", "", "..", "../../etc/passwd", `${id}0`, "0f8fad5b-d9cb-069f-a165-70867728950e", "' OR 1=1 --", "\u0000"])(
    "reservation %j",
    async (reservation_id) => {
      const answer = await call(handler, statusRoute, { headers: { authorization }, path: { reservation_id } })
      expect(answer).toMatchObject(refused(404, "not-found"))
    },
  )
  test.each(["..", "a b", "-x", "s".repeat(65), "sku%00"])("SKU %j", async (sku_id) => {
    expect(await call(handler, "GET /v1/skus/{sku_id}", { path: { sku_id } })).toMatchObject(refused(404, "not-found"))
  })
  test("but an upper-case one is the same id", async () => {
    const answer = await call(handler, statusRoute, { headers: { authorization }, path: { reservation_id: id.toUpperCase() } })
    expect(answer).toMatchObject({ status: 200, body: { reservation_id: id } })
  })
})

describe("headers or query too large are headers-too-large", () => {
  test("headers", async () => {
    expect(await reserve(good, { headers: json({ "x-pad": "x".repeat(maxHeaderBytes) }) })).toMatchObject(
      refused(431, "headers-too-large"),
    )
  })
  test("query", async () => {
    const query = `receipt=${"x".repeat(maxQueryBytes)}`
    expect(await call(handler, statusRoute, { headers: { authorization }, path: { reservation_id: id }, query })).toMatchObject(
      refused(431, "headers-too-large"),
    )
  })
})

test.each([
  ["respond-async", true],
  ["wait=5, Respond-Async", true],
  ["return=minimal", false],
  ["", false],
])("Prefer: %s", async (prefer, prefersAsync) => {
  expect(await reserve(good, { headers: json({ prefer }) })).toMatchObject({ body: { prefersAsync } })
})

test("a request that changes something and outlives its function's time is outcome-unknown", async () => {
  const request = { path: { sku_id: "sku-001" }, headers: { authorization }, timeLeftMs: 260 }
  const answer = await call(handler, "POST /v1/admin/skus/{sku_id}/halt", request)
  expect(answer).toMatchObject(refused(503, "outcome-unknown"))
  expect(answer.headers).toHaveProperty("retry-after")
})
