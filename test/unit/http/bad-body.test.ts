import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { maxBodyBytes } from "../../../core/contracts/http/routes.ts"
import { type Call, call } from "./call.ts"
import { batchRoute, givenEcho, good, namesFields, refused } from "./echo.ts"

let echo: Awaited<ReturnType<typeof givenEcho>>
beforeAll(async () => {
  echo = await givenEcho()
})
afterAll(() => echo.close())

test("a valid request reaches the endpoint, decoded and with defaults", async () => {
  const answer = await echo.reserve(good)
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
    const answer = await call(echo.handler, "POST /v1/reservations", {
      headers: echo.json(),
      ...(body !== undefined && { body }),
    })
    expect(answer).toMatchObject(refused(400, "malformed-json"))
  })

  test("but five levels are well-formed, and only the schema refuses them", async () => {
    expect(await echo.reserve('{"a":[[[[1]]]]}')).toMatchObject(refused(422, "validation-failed"))
  })
  test("and names may repeat in different objects", async () => {
    expect(await echo.reserve('{"a":{"b":1},"c":{"b":1}}')).toMatchObject(refused(422, "validation-failed"))
  })
})

describe("a body over the route's limit is payload-too-large", () => {
  const padded = (bytes: number) => `{"sku_id":"sku-001","quantity":1${" ".repeat(bytes - 33)}}`

  test("to the byte", async () => {
    expect(padded(maxBodyBytes)).toHaveLength(maxBodyBytes)
    expect(await echo.reserve(padded(maxBodyBytes))).toMatchObject({ status: 201 })
    expect(await echo.reserve(padded(maxBodyBytes + 1))).toMatchObject(refused(413, "payload-too-large"))
  })
  test("in bytes, not characters", async () => {
    const text = JSON.stringify({ ...good, sku_id: "é".repeat(maxBodyBytes / 2) })
    expect(text.length).toBeLessThan(maxBodyBytes)
    expect(await echo.reserve(text)).toMatchObject(refused(413, "payload-too-large"))
    expect(await call(echo.handler, "POST /v1/reservations", { headers: echo.json(), body: Buffer.from(text) })).toMatchObject(
      refused(413, "payload-too-large"),
    )
  })
  test("and the batch accepts a thousand items but not 512 KB", async () => {
    const items = (length: number, user: string) => ({ items: Array.from({ length }, () => ({ user_id: user, ...good })) })
    const batch = (body: object) => call(echo.handler, batchRoute, { headers: echo.json(), body: JSON.stringify(body) })
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
      expect(await echo.reserve(good, { headers: echo.json({ "content-type": type }) })).toMatchObject(
        refused(415, "unsupported-media-type"),
      )
    },
  )
  test("none at all", async () => {
    expect(await echo.reserve(good, { headers: echo.without("content-type") })).toMatchObject(
      refused(415, "unsupported-media-type"),
    )
  })
  test("a compressed body", async () => {
    expect(await echo.reserve(good, { headers: echo.json({ "content-encoding": "gzip" }) })).toMatchObject(
      refused(415, "unsupported-media-type"),
    )
  })
  test.each(["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])("but %j is JSON", async (type) => {
    expect(await echo.reserve(good, { headers: echo.json({ "content-type": type }) })).toMatchObject({ status: 201 })
  })
  test("and a POST needs none on a route without a body", async () => {
    const open = (request: Call) =>
      call(echo.handler, "POST /v1/admin/skus/{sku_id}/open", {
        path: { sku_id: "sku-001" },
        headers: { authorization: echo.authorization },
        ...request,
      })
    expect(await open({})).toMatchObject({ status: 200, body: { body: null } })
    expect(await open({ body: "{}" })).toMatchObject(refused(415, "unsupported-media-type"))
    expect(await open({ body: "{}", headers: echo.json() })).toMatchObject({ status: 200, body: { body: null } })
    expect(await open({ body: '{"force":true}', headers: echo.json() })).toMatchObject(refused(422, "validation-failed"))
  })
})

describe("an Accept that excludes JSON is not-acceptable", () => {
  test.each(["text/html", "application/xml, image/*", "application/json;q=0", "*/*;q=0.0", "application/json;q=high"])(
    "%j",
    async (accept) => {
      expect(await echo.reserve(good, { headers: echo.json({ accept }) })).toMatchObject(refused(406, "not-acceptable"))
    },
  )
  test.each(["*/*", "application/*", "text/html, */*;q=0.1", "application/problem+json", "Application/JSON; charset=utf-8", ""])(
    "but %j accepts JSON",
    async (accept) => {
      expect(await echo.reserve(good, { headers: echo.json({ accept }) })).toMatchObject({ status: 201 })
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
    ["sku with an unpaired surrogate", '{"sku_id":"sku\\ud800","quantity":1}', ["sku_id"]],
    ["sku with an injection", `{"sku_id":"x'; DROP TABLE inventory; --","quantity":1}`, ["sku_id"]],
    ["join_waitlist as text", '{"sku_id":"sku-001","quantity":1,"join_waitlist":"yes"}', ["join_waitlist"]],
    ["everything", '{"sku_id":7,"quantity":"1","price":1}', ["sku_id", "quantity", "price"]],
    ["an array", "[]", ["body"]],
    ["null", "null", ["body"]],
    ["a number", "1", ["body"]],
  ])("%s", async (_case, body, fields) => {
    const answer = await echo.reserve(body)
    expect(answer).toMatchObject(refused(422, "validation-failed"))
    expect(namesFields(answer)).toEqual(fields)
  })

  test("by the path to it", async () => {
    const items = [
      { user_id: "a", ...good },
      { user_id: "b", sku_id: "sku-001", quantity: 0 },
    ]
    const answer = await call(echo.handler, batchRoute, { headers: echo.json(), body: JSON.stringify({ items }) })
    expect(namesFields(answer)).toEqual(["items.1.quantity"])
    const proto = await call(echo.handler, batchRoute, { headers: echo.json(), body: `{"items":[{"__proto__":1}]}` })
    expect(namesFields(proto)).toContain("items.0.__proto__")
  })
  test("at most a limited number of them", async () => {
    const items = Array.from({ length: 1_000 }, () => ({}))
    const answer = await call(echo.handler, batchRoute, { headers: echo.json(), body: JSON.stringify({ items }) })
    expect(answer.body.errors).toHaveLength(100)
  })
})
