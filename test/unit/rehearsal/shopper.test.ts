import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { ApiRequest, Reply } from "../../../loadtest/rehearsal/client.ts"
import { noEdge } from "../../../loadtest/rehearsal/edge.ts"
import type { ShopperPlan } from "../../../loadtest/rehearsal/plan.ts"
import { maxTries, playBlindShopper, playShopper } from "../../../loadtest/rehearsal/shopper.ts"
import { fateOf } from "../../../loadtest/rehearsal/story.ts"
import { createTally } from "../../../loadtest/rehearsal/tally.ts"
import { aPlan, idOf, orderOfShopper } from "./given-story.ts"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Sent extends ApiRequest {
  readonly atMs: number
}
type Answers = (request: Sent, before: readonly Sent[]) => Reply

const id = idOf(1)
const receipt = `h.${Buffer.from(JSON.stringify({ partition: 2, offset: 77 })).toString("base64url")}.s`
const reservation = (status: string, more: object = {}) => ({
  reservation_id: id,
  sku_id: "sku",
  quantity: 1,
  status,
  decided: status !== "QUEUED",
  ...more,
})
const answer = (status: number, body: unknown, more: Partial<Extract<Reply, { kind: "answer" }>> = {}): Reply => ({
  kind: "answer",
  status,
  body,
  ...more,
})
const problem = (status: number, slug: string, body: object = {}, retryAfterSeconds?: number): Reply =>
  answer(status, { ...body, type: `/problems/${slug}`, title: slug, status }, retryAfterSeconds ? { retryAfterSeconds } : {})

/** Plays one shopper against an API with given answers, on the test's clock. Returns their requests and their story. */
async function play(
  plan: Partial<ShopperPlan>,
  answers: Answers,
  { holdSeconds = 60, overAtMs = 600_000, shopper = playShopper } = {},
) {
  const startedMs = Date.now()
  const nowMs = () => Date.now() - startedMs
  const sent: Sent[] = []
  const send = async (request: ApiRequest) => {
    const now = { ...request, atMs: nowMs() }
    const reply = answers(now, [...sent])
    sent.push(now)
    return reply
  }
  const tally = createTally()
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const world = { skuId: "sku", holdSeconds, send, edge: noEdge(send), tally, nowMs, sleep, isOver: () => nowMs() >= overAtMs }
  const { story, done } = shopper(world, aPlan({ number: 1, ...plan }), "token")
  await vi.runAllTimersAsync()
  await done
  return { story, sent, summary: tally.summary(), to: (part: string) => sent.filter(({ path }) => path.includes(part)) }
}

const wins: Answers = ({ path, method }) => {
  if (path.endsWith("/availability")) return answer(200, {})
  if (path.endsWith("/checkout")) return answer(201, orderOfShopper(1))
  if (method === "DELETE") return answer(200, reservation("CANCELLED"))
  return answer(201, reservation("RESERVED", { receipt, expires_at: "2026-11-27T09:00:00.000Z", expires_in_seconds: 60 }))
}

test("a script reserves and pays as a shopper does, and never looks at the stock", async () => {
  const { sent, story } = await play({ arrivesAtMs: 500, reservesAfterMs: 200, thinksMs: 1_000 }, wins, {
    shopper: playBlindShopper,
  })
  expect(sent.map(({ method, path, atMs }) => [atMs, method, path])).toEqual([
    [700, "POST", "/v1/reservations"],
    [1_700, "POST", `/v1/reservations/${id}/checkout`],
  ])
  expect(story.order?.order_id).toBe(orderOfShopper(1).order_id)
})

test("a shopper looks, reserves at the planned time, thinks, and pays with the test card", async () => {
  const { story, sent } = await play({ arrivesAtMs: 500, reservesAfterMs: 200, thinksMs: 1_000 }, wins)
  expect(sent.map(({ method, path, atMs }) => [atMs, method, path])).toEqual([
    [500, "GET", "/v1/skus/sku/availability"],
    [700, "POST", "/v1/reservations"],
    [1_700, "POST", `/v1/reservations/${id}/checkout`],
  ])
  // The key of another sale differs, because a shopper may take part in many sales.
  expect(sent[1]?.idempotencyKey).toContain("sku")
  expect(sent[2]?.body).toEqual({ payment_method: "pm_card_visa" })
  expect(story.order?.order_id).toBe(orderOfShopper(1).order_id)
  expect(story.heard[0]?.place).toEqual({ partition: 2, offset: 77 })
})

test("a shopper reloads at the planned times, with or without an answer, and may only look", async () => {
  const { sent } = await play({ reloadsAfterMs: [700, 1_400] }, wins)
  expect(sent.filter(({ path }) => path.endsWith("/availability")).map(({ atMs }) => atMs)).toEqual([0, 700, 1_400])
  const { reservesAfterMs: _, ...looker } = aPlan({ number: 1 })
  const send = vi.fn(async () => answer(200, {}))
  const tally = createTally()
  const world = {
    skuId: "sku",
    holdSeconds: 1,
    send,
    edge: noEdge(send),
    tally,
    nowMs: () => 0,
    sleep: async () => {},
    isOver: () => false,
  }
  await playShopper(world, looker, "token").done
  expect(send).toHaveBeenCalledTimes(1)
})

test("a queued shopper asks at the Location when Retry-After says, and the latency counts from the planned request", async () => {
  const location = `/v1/reservations/${id}?receipt=${receipt}`
  const { to, summary, story } = await play({ ending: "vanish" }, (request, before) => {
    if (request.path.endsWith("/availability")) return answer(200, {})
    if (request.method === "POST") return answer(202, reservation("QUEUED"), { location, retryAfterSeconds: 2 })
    const looked = before.filter(({ path }) => path === location).length
    return answer(200, reservation(looked < 2 ? "QUEUED" : "RESERVED"), looked < 2 ? { retryAfterSeconds: 3 } : {})
  })
  expect(to("receipt=").map(({ atMs }) => atMs)).toEqual([2_000, 5_000, 8_000])
  expect(summary.decision).toMatchObject({ count: 1, maxMs: expect.closeTo(8_000, -2) })
  expect(fateOf(story)).toBe("won")
})

test("a waitlisted shopper asks until they are promoted, at least three times in a hold, and then pays", async () => {
  const { to, story } = await play(
    { joinsWaitlist: true, ending: "vanish" },
    (request, before) => {
      if (request.path === "/v1/reservations")
        return answer(202, reservation("WAITLISTED"), { location: `/v1/reservations/${id}`, retryAfterSeconds: 30 })
      if (request.path.endsWith("checkout")) return wins(request, before)
      const looked = before.filter(({ path }) => path === `/v1/reservations/${id}`).length
      return answer(200, reservation(looked < 3 ? "WAITLISTED" : "RESERVED"))
    },
    { holdSeconds: 15 },
  )
  expect(to(`/${id}`).map(({ atMs }) => atMs)).toEqual([5_000, 10_000, 15_000, 20_000, 20_000])
  expect(fateOf(story)).toBe("promoted")
  expect(story).toMatchObject({ isWaiting: false, order: { reservation_id: id } })
})

test("a waitlisted shopper stops asking when their entry lapses or the sale is over", async () => {
  const waits =
    (then: string): Answers =>
    ({ path }) =>
      path === "/v1/reservations" ? answer(202, reservation("WAITLISTED")) : answer(200, reservation(then))
  expect(fateOf((await play({}, waits("LAPSED"))).story)).toBe("waitlisted")
  const { sent } = await play({}, waits("WAITLISTED"), { overAtMs: 5_000 })
  expect(sent.at(-1)?.atMs).toBeLessThanOrEqual(6_000)
})

test("a failed request is repeated with the same key, at the time that the answer names, and a limited number of times", async () => {
  const { to, story } = await play({}, (request, before) => {
    if (request.path !== "/v1/reservations") return wins(request, before)
    const tries = before.filter(({ path }) => path === "/v1/reservations").length
    if (tries === 0) return { kind: "failed", error: "ECONNRESET" }
    if (tries === 1) return problem(503, "outcome-unknown", { decided: false }, 2)
    return wins(request, before)
  })
  const tries = to("/v1/reservations").filter(({ path }) => path === "/v1/reservations")
  expect(tries.map(({ atMs }) => atMs)).toEqual([0, 1_000, 3_000])
  expect(new Set(tries.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  expect(story.timesAsked).toBe(3)
  const hopeless = await play({}, () => problem(503, "temporarily-unavailable", { decided: false }, 1))
  expect(hopeless.to("/v1/reservations")).toHaveLength(maxTries)
  expect(fateOf(hopeless.story)).toBe("unanswered")
  expect(hopeless.story.unanswered).toEqual(new Set(["reserve"]))
})

test("a shopper who repeats a request sends the same key and body, before or after the answer", async () => {
  for (const after of ["sending", "answer"] as const) {
    const { sent, story } = await play({ repeats: { after, ms: 50 }, ending: "vanish" }, wins)
    const [first, second] = sent.filter(({ path }) => path === "/v1/reservations")
    expect(second?.atMs).toBe(50)
    expect([second?.idempotencyKey, second?.body]).toEqual([first?.idempotencyKey, first?.body])
    expect(story.heard).toHaveLength(2)
  }
})

test("a declined payment is tried with another card and another key, or given up", async () => {
  const declines: Answers = (request, before) => {
    const { payment_method: method } = (request.body ?? {}) as { payment_method?: string }
    return method === "pm_card_chargeDeclined" ? problem(402, "payment-declined", { decided: true }) : wins(request, before)
  }
  const persistent = await play({ ending: "decline-then-pay" }, declines)
  expect(new Set(persistent.to("/checkout").map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2)
  expect(persistent.story).toMatchObject({ declines: 1, order: { reservation_id: id } })
  const discouraged = await play({ ending: "decline-then-vanish" }, declines)
  expect(discouraged.to("/checkout")).toHaveLength(1)
  expect(discouraged.story.order).toBeUndefined()
})

test("a shopper who cancels gets the confirmation; a shopper who vanishes sends nothing more", async () => {
  const cancelled = await play({ ending: "cancel" }, wins)
  expect(cancelled.story).toMatchObject({ cancelled: true, cancelSentAtMs: 100 })
  expect(cancelled.sent.at(-1)).toMatchObject({ method: "DELETE", path: `/v1/reservations/${id}` })
  expect((await play({ ending: "vanish" }, wins)).to(id)).toEqual([])
})

test("a refusal by a decision is distinguished from a refusal without one", async () => {
  const refusal = (decided: boolean) =>
    play({}, ({ path }) =>
      path === "/v1/reservations"
        ? problem(409, "sold-out", decided ? { ...reservation("REFUSED", { reason: "sold-out", receipt }) } : { decided })
        : answer(200, {}),
    )
  const [decided, turnedAway] = [await refusal(true), await refusal(false)]
  expect(fateOf(decided.story)).toBe("refused")
  expect(decided.story.heard[0]).toMatchObject({ reason: "sold-out", reservationId: id, place: { offset: 77 } })
  expect(fateOf(turnedAway.story)).toBe("turned-away")
  expect([decided.summary.decision.count, turnedAway.summary.decision.count]).toEqual([1, 0])
})

test("an answer that does not keep the contract is noted", async () => {
  const { story } = await play({}, ({ path }) => answer(path === "/v1/reservations" ? 201 : 200, { status: "RESERVED" }))
  expect(story.breaches).toHaveLength(1)
})
