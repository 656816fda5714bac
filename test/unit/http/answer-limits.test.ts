import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest"
import { endpoint, type HttpHandler, publicEndpoint } from "../../../core/adapters/http/handler.ts"
import { logger } from "../../../core/adapters/telemetry.ts"
import { routes } from "../../../core/contracts/http/routes.ts"
import { httpHandler } from "../../../core/runtime/http-handler.ts"
import { call } from "./call.ts"
import { givenIssuer } from "./local-issuer.ts"

/** The time that API Gateway allows a function. */
const functionTimeMs = 29_000

/** Every route that a shopper waits for. */
const limited = routes.flatMap(({ method, path, access, answerWithinMs }) =>
  answerWithinMs === undefined ? [] : [{ routeKey: `${method} ${path}`, method, access, answerWithinMs }],
)

let issuer: Awaited<ReturnType<typeof givenIssuer>>
let handler: HttpHandler
let entered: PromiseWithResolvers<void>
const hangs = (): Promise<never> => {
  entered.resolve()
  return new Promise(() => {})
}

beforeAll(async () => {
  issuer = await givenIssuer()
  handler = httpHandler(
    Object.fromEntries(
      limited.map(({ routeKey, access }) => [routeKey, access === "anyone" ? publicEndpoint({}, hangs) : endpoint({}, hangs)]),
    ),
  )
})
beforeEach(() => {
  entered = Promise.withResolvers()
  vi.spyOn(logger, "warn").mockImplementation(() => {})
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  return () => vi.useRealTimers()
})
afterAll(() => issuer.close())

test("the document states each limit, and no other", () => {
  const document = readFileSync(new URL("../../../docs/RELIABILITY.md", import.meta.url), "utf8")
  const stated = [...document.matchAll(/^\| `(\w+ [^`]+)` \| ([\d.]+) s \|/gm)].map(([, routeKey, limitSeconds]) => [
    routeKey,
    Number(limitSeconds) * 1_000,
  ])
  expect(stated).toEqual(limited.map(({ routeKey, answerWithinMs }) => [routeKey, answerWithinMs]))
})

test("each route of a shopper has a stated limit, and no route of an operator has one", () => {
  const unlimited = routes.filter(({ answerWithinMs }) => answerWithinMs === undefined)
  expect(unlimited.filter(({ access, lambda }) => access === "shopper" || lambda === "availability")).toEqual([])
  expect(limited.filter(({ access }) => access === "sales:admin")).toEqual([])
})

test.each(limited)(
  "$routeKey that never ends is answered within $answerWithinMs ms, though its function has more time",
  async (limit) => {
    const { routeKey, method, answerWithinMs } = limit
    const answer = call(handler, routeKey, {
      timeLeftMs: functionTimeMs,
      headers: { authorization: `Bearer ${await issuer.token()}` },
      path: { sku_id: "sku-1", reservation_id: randomUUID(), order_id: randomUUID() },
    })
    await entered.promise
    vi.advanceTimersByTime(answerWithinMs)
    // A read has changed nothing. Any other request may have been carried out.
    const slug = method === "GET" ? "temporarily-unavailable" : "outcome-unknown"
    expect(await answer).toMatchObject({ status: 503, headers: { "retry-after": "1" }, body: { type: `/problems/${slug}` } })
  },
)

test("a function that has less time than its route answers within its own", async () => {
  const answer = call(handler, "GET /v1/skus", { timeLeftMs: 1_000 })
  await entered.promise
  vi.advanceTimersByTime(1_000)
  expect(await answer).toMatchObject({ status: 503 })
})
