import { describe, expect, test } from "vitest"
import type { AnalyticsReport } from "../../../core/contracts/analytics.ts"
import type { SkuStats } from "../../../core/contracts/http/admin.ts"
import { countedFigures } from "../../../loadtest/rehearsal/analytics.ts"
import { checkRehearsal, type Evidence } from "../../../loadtest/rehearsal/checks.ts"
import { priceMinor } from "../../../loadtest/rehearsal/manager.ts"
import type { Story } from "../../../loadtest/rehearsal/story.ts"
import { createTally } from "../../../loadtest/rehearsal/tally.ts"
import { aShopper, idOf, orderOfShopper, payer, refused, told, winner } from "./given-story.ts"

const stats = (more: Partial<SkuStats> = {}): SkuStats => ({
  sku_id: "sku",
  status: "closed",
  mode: "batch",
  total: 2,
  available: 1,
  reserved: 0,
  sold: 1,
  waitlisted: 0,
  decisions: { reserved: 2, waitlisted: 0, refused: { "sold-out": 1 } },
  backlog: 0,
  partition_backlog: 0,
  watermark: 3,
  ledger_seq: 9,
  ...more,
})

const figures = (more: Partial<AnalyticsReport["totals"]> = {}): AnalyticsReport => ({
  timestamp: "2026-11-27T09:01:00.000Z",
  sku_id: "sku",
  orders_per_minute: 2,
  failure_rate_percent: 33.333,
  success_rate_percent: 66.667,
  total_orders: 3,
  failed_orders: 1,
  reserved_orders: 2,
  throughput_events_per_second: 0.1,
  elapsed_seconds: 60,
  last_minute: { accepted: 2, refused: 1, failure_rate_percent: 33.333, success_rate_percent: 66.667 },
  totals: {
    ...{ events: 6, accepted: 2, reserved: 2, waitlisted: 0, refused: 1, refused_by_reason: { "sold-out": 1 } },
    ...{ promoted: 0, confirmed: 1, expired: 1, cancelled: 0, lapsed: 0, paid: 1, payment_failed: 0, refunded: 0 },
    ...{ units_held: 2, units_confirmed: 1, revenue_minor: { EUR: priceMinor }, refunded_minor: {} },
    ...{ first_event_at: null, last_event_at: null },
    ...more,
  },
  generation: 1,
  partitions: [],
})

const answered = (well: number, failed = 0) => {
  const tally = createTally()
  for (let n = 0; n < well; n += 1) tally.answered("reserve", { kind: "answer", status: 201, body: {} }, 1)
  for (let n = 0; n < failed; n += 1) tally.answered("reserve", { kind: "failed", error: "ECONNRESET" }, 1)
  return tally.summary()
}

const expired = (number: number, offset: number): Story =>
  aShopper(number, offset, [told("RESERVED", 10), told("EXPIRED", 20_000)], { final: told("EXPIRED", 20_000) })

/** A sale of two units that went well: one shopper paid, one let their hold expire, one was refused. */
const goodSale = (): Evidence => ({
  stock: 2,
  holdSeconds: 10,
  stories: [{ ...payer(1, 0), final: told("CONFIRMED", 30_000) }, expired(2, 1), refused(3, 2)],
  tally: answered(100),
  unread: [],
  stats: stats(),
  verification: { ok: true, checks: [{ name: "never-oversold", ok: true, violations: [] }] },
  analytics: figures(),
})

const failedChecks = (more: Partial<Evidence>): string[] =>
  checkRehearsal({ ...goodSale(), ...more })
    .filter(({ ok }) => !ok)
    .map(({ name }) => name)

const withStory = (story: Story): Partial<Evidence> => ({ stories: [...goodSale().stories, story] })

test("a sale that went well passes every check", () => {
  expect(failedChecks({})).toEqual([])
})

const contradictory = "the same key gives the same reservation and the same answer"

test.each<[string, Partial<Evidence>, string]>([
  ["a sale that did not end", { unfinished: "after 90 s: held 3" }, "the sale ended in time"],
  ["2 % of trouble", { tally: answered(98, 2) }, "at least 99 % of the requests got a business answer"],
  ["a breach of the contract", withStory(aShopper(9, 8, [], { breaches: ["no status"] })), "every answer keeps the contract"],
  ["what cannot be read back", { unread: ["the orders of shopper 1: 500"] }, "every result can be read back"],
  ["a request that stays in the queue", withStory(aShopper(9, 8, [told("QUEUED", 10)])), "every queued request got a decision"],
  [
    "two reservations for one key",
    withStory(aShopper(9, 8, [told("QUEUED", 1), told("REFUSED", 2, { reason: "sold-out", reservationId: idOf(8) })])),
    contradictory,
  ],
  [
    "a winner who is refused",
    withStory(aShopper(9, 8, [told("RESERVED", 1), told("REFUSED", 2, { reason: "sold-out" })])),
    contradictory,
  ],
  [
    "two reasons for one refusal",
    withStory(aShopper(9, 8, [told("REFUSED", 1, { reason: "sold-out" }), told("REFUSED", 2, { reason: "sale-closed" })])),
    contradictory,
  ],
  [
    "a unit that becomes a waitlist entry again",
    withStory(aShopper(9, 8, [told("WAITLISTED", 1), told("RESERVED", 30_000), told("WAITLISTED", 31_000)])),
    contradictory,
  ],
  [
    "a winner who is turned away",
    withStory(aShopper(9, 8, [told("QUEUED", 1), told("REFUSED", 2, { decided: false, reason: "sold-out" })])),
    "no accepted request is turned away later",
  ],
  ["a unit too many", { stats: stats({ sold: 2, reserved: 1 }) }, "no more units are sold or held than exist"],
  ["more sold than paid for", { stats: stats({ sold: 2, available: 0 }) }, "no more units are sold or held than exist"],
  [
    "two orders for one payment",
    { stories: [{ ...payer(1, 0), orders: [orderOfShopper(1), orderOfShopper(7)] }, expired(2, 1)] },
    "every shopper who paid has exactly their order, and no other shopper has one",
  ],
  [
    "an order of another amount",
    { stories: [{ ...payer(1, 0), orders: [orderOfShopper(1, { amount_minor: 1 })] }, expired(2, 1)] },
    "every shopper who paid has exactly their order, and no other shopper has one",
  ],
  [
    "an order for a declined payment",
    withStory(winner(9, 8, 30_000, { declines: 1, checkoutSentAtMs: 1, orders: [orderOfShopper(9)] })),
    "every shopper who paid has exactly their order, and no other shopper has one",
  ],
  [
    "a paid hold that expired",
    { stories: [{ ...payer(1, 0), final: told("EXPIRED", 9) }, expired(2, 1)] },
    "the end state agrees with the answers to the shoppers",
  ],
  [
    "a hold that never ends",
    { stories: [...goodSale().stories, winner(9, 8, 30_000, { final: told("RESERVED", 90_000) })] },
    "the end state agrees with the answers to the shoppers",
  ],
  [
    "a violation that the system found itself",
    { verification: { ok: false, checks: [{ name: "fifo", ok: false, violations: ["x"] }] } },
    "system: fifo",
  ],
])("%s is found", (_name, planted, check) => {
  expect(failedChecks(planted)).toContain(check)
})

test("missing data proves nothing: without counters or invariants the rehearsal fails", () => {
  const { stats: _stats, verification: _verification, ...unknown } = goodSale()
  const failed = checkRehearsal(unknown).filter(({ ok }) => !ok)
  expect(failed.map(({ name }) => name)).toEqual([
    "no more units are sold or held than exist",
    "analytics counts what PostgreSQL has",
    "system: invariants",
  ])
})

test("a possible order of events is no violation: a retry that overtakes its request, a payment without an answer", () => {
  const overtaken = aShopper(9, 8, [
    told("REFUSED", 5, { decided: false, reason: "sold-out", sentAtMs: 1 }),
    told("REFUSED", 9, { reason: "sold-out", sentAtMs: 0 }),
  ])
  expect(failedChecks(withStory(overtaken))).toEqual([])
  const unsure = winner(2, 1, 10, {
    unanswered: new Set(["checkout"]),
    checkoutSentAtMs: 1,
    orders: [orderOfShopper(2)],
    final: told("CONFIRMED", 99),
  })
  const bothPaid = {
    stories: [{ ...payer(1, 0), final: told("CONFIRMED", 9) }, unsure],
    stats: stats({ sold: 2, available: 0 }),
    analytics: figures({ confirmed: 2, units_confirmed: 2, expired: 0, revenue_minor: { EUR: 2 * priceMinor } }),
  }
  expect(failedChecks(bothPaid)).toEqual([])
})

describe("figures of analytics", () => {
  const check = "analytics counts what PostgreSQL has"

  test.each([
    ["an accepted request is missing", { reserved: 1 }],
    ["a waiting request is counted that was none", { waitlisted: 1 }],
    ["a refusal is counted twice", { refused_by_reason: { "sold-out": 2 } }],
    ["an order is missing", { confirmed: 0 }],
    ["a unit is counted twice", { units_confirmed: 2 }],
    ["an expired hold is missing", { expired: 0 }],
    ["an expired hold is counted twice", { expired: 2 }],
    ["revenue is missing", { revenue_minor: {} }],
  ])("fail a rehearsal when %s", (_, wrong) => {
    expect(failedChecks({ analytics: figures(wrong) })).toEqual([check])
  })

  test("that cannot be read fail it, too", () => {
    const { analytics: _, ...rest } = goodSale()
    expect(checkRehearsal(rest).filter(({ ok }) => !ok)).toMatchObject([{ name: check }])
  })

  test("are read until they agree, and no longer than a time", async () => {
    const { stats: counters, stories } = goodSale()
    const truth = { stats: counters ?? stats(), stories }
    const answers = [new Error("away"), figures({ events: 5, confirmed: 0 }), figures()]
    const read = async () => {
      const next = answers.shift()
      if (next === undefined || next instanceof Error) throw next
      return next
    }
    expect(await countedFigures(read, truth, 10_000)).toEqual(figures())
    expect(await countedFigures(async () => figures({ confirmed: 0 }), truth, 1)).toEqual(figures({ confirmed: 0 }))
  })
})
