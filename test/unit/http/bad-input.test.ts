import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { maxHeaderBytes, maxQueryBytes } from "../../../core/adapters/http/limits.ts"
import { call } from "./call.ts"
import { givenEcho, good, namesFields, refused, statusRoute } from "./echo.ts"

const id = "0f8fad5b-d9cb-469f-a165-70867728950e"

let echo: Awaited<ReturnType<typeof givenEcho>>
beforeAll(async () => {
  echo = await givenEcho()
})
afterAll(() => echo.close())

describe("the query is as strict as the body", () => {
  const status = (query: string) =>
    call(echo.handler, statusRoute, { headers: { authorization: echo.authorization }, path: { reservation_id: id }, query })

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
  test("a route without a query ignores parameters that are added to bypass a cache", async () => {
    expect(await call(echo.handler, "GET /v1/skus/{sku_id}", { path: { sku_id: "sku-001" }, query: "_=1" })).toMatchObject({
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
    const headers = key === undefined ? echo.without("idempotency-key") : echo.json({ "idempotency-key": key })
    expect(await echo.reserve(good, { headers })).toMatchObject(refused(400, slug))
  })
  test.each(["k".repeat(8), "k".repeat(255), "!\"#$%&'()*+-.:;<=>?@[]^_`{|}~"])("%s is accepted", async (key) => {
    expect(await echo.reserve(good, { headers: echo.json({ "idempotency-key": key }) })).toMatchObject({
      body: { idempotencyKey: key },
    })
  })
})

describe("a malformed id in the path is not-found", () => {
  test.each(["1", "", "..", "../../etc/passwd", `${id}0`, "0f8fad5b-d9cb-069f-a165-70867728950e", "' OR 1=1 --", "\u0000"])(
    "reservation %j",
    async (reservation_id) => {
      const answer = await call(echo.handler, statusRoute, {
        headers: { authorization: echo.authorization },
        path: { reservation_id },
      })
      expect(answer).toMatchObject(refused(404, "not-found"))
    },
  )
  test.each(["..", "a b", "-x", "s".repeat(65), "sku%00"])("SKU %j", async (sku_id) => {
    expect(await call(echo.handler, "GET /v1/skus/{sku_id}", { path: { sku_id } })).toMatchObject(refused(404, "not-found"))
  })
  test("but an upper-case one is the same id", async () => {
    const answer = await call(echo.handler, statusRoute, {
      headers: { authorization: echo.authorization },
      path: { reservation_id: id.toUpperCase() },
    })
    expect(answer).toMatchObject({ status: 200, body: { reservation_id: id } })
  })
})

describe("headers or query too large are headers-too-large", () => {
  test("headers", async () => {
    expect(await echo.reserve(good, { headers: echo.json({ "x-pad": "x".repeat(maxHeaderBytes) }) })).toMatchObject(
      refused(431, "headers-too-large"),
    )
  })
  test("query", async () => {
    const query = `receipt=${"x".repeat(maxQueryBytes)}`
    expect(
      await call(echo.handler, statusRoute, {
        headers: { authorization: echo.authorization },
        path: { reservation_id: id },
        query,
      }),
    ).toMatchObject(refused(431, "headers-too-large"))
  })
})

test.each([
  ["respond-async", true],
  ["wait=5, Respond-Async", true],
  ["return=minimal", false],
  ["", false],
])("Prefer: %s", async (prefer, prefersAsync) => {
  expect(await echo.reserve(good, { headers: echo.json({ prefer }) })).toMatchObject({ body: { prefersAsync } })
})

test("a request that changes data and outlives its function's time is outcome-unknown", async () => {
  const request = { path: { sku_id: "sku-001" }, headers: { authorization: echo.authorization }, timeLeftMs: 260 }
  const answer = await call(echo.handler, "POST /v1/admin/skus/{sku_id}/halt", request)
  expect(answer).toMatchObject(refused(503, "outcome-unknown"))
  expect(answer.headers).toHaveProperty("retry-after")
})
