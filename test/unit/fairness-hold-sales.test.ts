import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { HoldAccount, HoldCohort } from "../../loadtest/fairness/hold-cohort.ts"
import { prepareHoldSales } from "../../loadtest/fairness/hold-sales.ts"
import type { ApiRequest, Reply, Send } from "../../loadtest/rehearsal/client.ts"
import { idOf, orderOfShopper } from "./rehearsal/given-story.ts"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Sent extends ApiRequest {
  readonly atMs: number
}

const answer = (status: number, body: unknown): Reply => ({ kind: "answer", status, body })
const terms = {
  name: "n",
  price_minor: 1,
  currency: "EUR",
  total_stock: 1,
  per_user_limit: 1,
  hold_seconds: 10,
  waitlist_limit: 1,
}
const sku = { ...terms, max_unpaid_holds: 2, status: "open", mode: "batch", frozen: false, opens_at: null, closes_at: null }
const stats = {
  ...{ status: "open", mode: "batch", total: 1, available: 1, reserved: 0, sold: 0, waitlisted: 0 },
  ...{ decisions: { reserved: 0, waitlisted: 0, refused: {} }, backlog: 0, partition_backlog: 0, watermark: 0, ledger_seq: 0 },
}
const manages: Send = async ({ path, body }) =>
  path.endsWith("/stats")
    ? answer(200, { ...stats, sku_id: "s" })
    : answer(200, path.startsWith("/v1/admin") ? { ...sku, ...body, sku_id: "s" } : { reservation_id: idOf(1) })

const holds = answer(201, { reservation_id: idOf(1), sku_id: "s", quantity: 1, status: "RESERVED", decided: true })
const problem = (slug: string, decided: boolean) => answer(409, { type: `/problems/${slug}`, title: slug, status: 409, decided })

/** Plays one account at both sales for 100 s against an API with these answers, the last of which stays. */
async function play(conduct: HoldAccount["conduct"], answers: readonly Reply[]) {
  const startedMs = Date.now()
  const account = { name: "one", tier: 4, ageSeconds: 1 } as const
  const edge = { address: "198.18.0.1", hello: "firefox", visited: true } as const
  const cohort: HoldCohort = { name: "c", hostile: true, plan: () => [{ account, edge, firstAskMs: 500, conduct }] }
  const sent: Sent[] = []
  const created: ApiRequest[] = []
  const playSales = await prepareHoldSales({
    ...{ skuId: "sku", adminToken: "admin", cohorts: [cohort], stock: 1, seconds: 100, scale: 1, seed: 1 },
    sign: async ({ sub }) => sub,
    shoppers: async (request) => {
      if (!request.token?.startsWith("sku-holds-0")) return problem("sold-out", false)
      sent.push({ ...request, atMs: Date.now() - startedMs })
      return answers[Math.min(sent.length, answers.length) - 1] ?? holds
    },
    managers: async (request) => {
      if (request.path === "/v1/admin/skus") created.push(request)
      return manages(request)
    },
    stop: new AbortController().signal,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
  const played = playSales()
  await vi.runAllTimersAsync()
  return { sent, created, ...(await played) }
}
const neverPays = { kind: "never-pays", retryMs: 1_000 } as const
const times = (sent: readonly Sent[]) => sent.map(({ atMs }) => atMs)

test("an account that never pays asks again as each hold ends, each time with its own key, until the sale's end", async () => {
  const { sent, limited } = await play(neverPays, [holds])
  expect(times(sent)).toEqual([500, 10_500, 20_500, 30_500, 40_500, 50_500, 60_500, 70_500, 80_500, 90_500])
  expect(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(10)
  expect(
    sent.every(({ path, headers }) => path === "/v1/reservations" && headers?.["x-test-edge-cloudfront-viewer-address"]),
  ).toBe(true)
  expect([...limited.cohorts.values()][0]?.stories[0]).toHaveLength(10)
})

test("it asks again soon when every unit is taken, and a hold later when the limit refused it", async () => {
  const soldOut = problem("sold-out", false)
  const { sent } = await play(neverPays, [holds, soldOut, soldOut, holds, problem("hold-limit-reached", true)])
  expect(times(sent).slice(0, 7)).toEqual([500, 10_500, 11_500, 12_500, 22_500, 32_500, 42_500])
})

test("a person asks once and pays within the hold, or forgets it", async () => {
  const paid = answer(201, orderOfShopper(1))
  const buyer = { kind: "buys-once", ending: "pay", thinksMs: 2_000 } as const
  const { sent } = await play(buyer, [holds, paid])
  expect(sent.map(({ path, atMs }) => [atMs, path])).toEqual([
    [500, "/v1/reservations"],
    [2_500, `/v1/reservations/${idOf(1)}/checkout`],
  ])
  expect(sent[1]?.body).toEqual({ payment_method: "pm_card_visa" })
  expect(times((await play({ ...buyer, ending: "vanish" }, [holds])).sent)).toEqual([500])
})

test("the first sale has the system's default limit, the second the highest; both have holds of a tenth of the run", async () => {
  const { created, limited, lifted } = await play(neverPays, [holds])
  expect(created[0]?.body).not.toHaveProperty("max_unpaid_holds")
  expect(created[1]?.body).toMatchObject({ max_unpaid_holds: 1_000, hold_seconds: 10 })
  expect([limited.holdSeconds, lifted.holdSeconds]).toEqual([10, 10])
})
