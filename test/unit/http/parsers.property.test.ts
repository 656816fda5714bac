import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { idempotencyKeyPattern } from "../../../core/contracts/http/primitives.ts"
import { ReserveBody } from "../../../core/contracts/http/reservations.ts"
import { call } from "./call.ts"
import { givenEcho, good } from "./echo.ts"

let echo: Awaited<ReturnType<typeof givenEcho>>
beforeAll(async () => {
  echo = await givenEcho()
})
afterAll(() => echo.close())

const reserveWith = (headers: Record<string, string>) => echo.reserve(good, { headers: echo.json(headers) })
/** Any header value that API Gateway passes on: bytes, read as Latin-1. */
const headerValue = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => ![0, 10, 13].includes(byte))).toString("latin1"))

test("an Idempotency-Key is used unchanged, or refused with a problem that names it", async () => {
  const key = fc.oneof(headerValue, fc.stringMatching(/^[!-~]{6,12}$/), fc.stringMatching(/^[!-~]{250,260}$/))
  await fc.assert(
    fc.asyncProperty(key, async (text) => {
      const { status, body } = await reserveWith({ "idempotency-key": text })
      if (idempotencyKeyPattern.test(text)) expect([status, body.idempotencyKey]).toEqual([201, text])
      else expect([status, body.type]).toEqual([400, `/problems/idempotency-key-${text === "" ? "required" : "invalid"}`])
    }),
    { numRuns: 500 },
  )
})

test("a correlation id is the client's if it is plain text, and is always safe in a log", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(headerValue, fc.stringMatching(/^[!-~]{1,130}$/)), headerValue, async (id, traceparent) => {
      const { status, headers } = await reserveWith({ "x-correlation-id": id, traceparent })
      expect(status).toBe(201)
      expect(headers["x-correlation-id"]).toMatch(/^[!-~]{1,128}$/)
      if (/^[!-~]{1,128}$/.test(id)) expect(headers["x-correlation-id"]).toBe(id)
      expect(headers).not.toHaveProperty("traceparent")
    }),
    { numRuns: 500 },
  )
})

test("Accept, Prefer, Content-Type and Authorization of any text are understood, or refused with the problem of that header", async () => {
  const refusals: Record<string, [number, string]> = {
    accept: [406, "not-acceptable"],
    prefer: [201, ""],
    "content-type": [415, "unsupported-media-type"],
    authorization: [401, "unauthorized"],
  }
  const odd = fc.oneof(
    headerValue,
    fc.constantFrom("*/*;q=", "application/json;;;", ",", ";", "Bearer", "bearer  x", "a/b;q=1;q=0"),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(refusals)), odd, async (name, value) => {
      const { status, body } = await reserveWith({ [name]: value })
      const [refusedWith, slug] = refusals[name] ?? []
      if (status !== 201) expect([status, body.type]).toEqual([refusedWith, `/problems/${slug}`])
    }),
    { numRuns: 1_000 },
  )
})

test("a body of any bytes is parsed by the schema, or refused as malformed, invalid or too large", async () => {
  const almost = fc.record(
    {
      sku_id: fc.oneof(fc.constant("sku-001"), fc.jsonValue()),
      quantity: fc.oneof(fc.constant(1), fc.jsonValue()),
      join_waitlist: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    almost.map((value) => Buffer.from(JSON.stringify(value))),
  )
  await fc.assert(
    fc.asyncProperty(bytes, async (body) => {
      const answer = await call(echo.handler, "POST /v1/reservations", { headers: echo.json(), body })
      if (answer.status === 201) expect(ReserveBody.safeParse(JSON.parse(body.toString())).success).toBe(true)
      else expect(["/problems/malformed-json", "/problems/validation-failed"]).toContain(answer.body.type)
    }),
    { numRuns: 1_000 },
  )
})
