import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { LedgerIntervals } from "../../../core/contracts/operations/report.ts"
import { OpsRequest } from "../../../core/contracts/ops.ts"
import { stages } from "../../../lib/stages.ts"
import {
  admissionRefusalsOf,
  cacheOf,
  endpointsOf,
  errorsOf,
  firstBottleneck,
  flaggedOf,
  peaksOf,
  queueOf,
  readMeasurements,
} from "../../../ops/report/measured-figures.ts"
import { oversoldOf, revenueOf, saleOverTime } from "../../../ops/report/sale-figures.ts"
import { beginMs, givenHistory, givenLedger, givenReport, givenSale, momentAfter, type Values } from "./given-report.ts"

const window = { fromMs: beginMs, toMs: beginMs + 60_000, intervalSeconds: 10 }
const measured = (values: Values) => readMeasurements(givenHistory(values), window, undefined)

describe("from metrics", () => {
  test("requests, errors and percentiles of an endpoint; the worst interval is named", async () => {
    const found = endpointsOf(
      await measured({
        "reserve request.rate": { 1: 100, 2: 50 },
        "reserve error.rate": { 2: 3 },
        "reserve reservation.decision.latency p95": { 1: 80, 2: 400 },
        "reserve reservation.decision.latency p99": { 1: 90, 2: 500 },
      }),
    )
    expect(found).toMatchObject([
      {
        ...{ endpoint: "reserve", requests: 150, errors: 3, latency_of: "request to decision" },
        ...{ worst_p95_ms: 400, worst_p99_ms: 500, worst_at: momentAfter(20), median_p95_ms: 80 },
      },
    ])
  })

  test("an endpoint without a time of its own has none locally, and AWS's on AWS", async () => {
    const values = { "orders request.rate": { 0: 1 } }
    const [local] = endpointsOf(await measured(values))
    expect(local).toMatchObject({ endpoint: "orders", latency_of: null, worst_p95_ms: null })
    const [deployed] = endpointsOf(await readMeasurements(givenHistory(values), window, "prod"))
    expect(deployed).toMatchObject({ latency_of: "duration of the function's calls" })
  })

  test("cache hits over time; an interval without a read has no share", async () => {
    const { hit_share, over_time, hits } = cacheOf(
      await measured({
        "availability availability.cache.hit": { 0: 90, 2: 9 },
        "availability availability.cache.miss": { 0: 10 },
      }),
    )
    expect([hits, hit_share]).toEqual([99, 99 / 109])
    expect(over_time.hit_share.slice(0, 3)).toEqual([0.9, null, 1])
  })

  test("refusals by reason and tier over both functions, the most frequent first", async () => {
    const found = admissionRefusalsOf(
      await measured({
        "reserve admission.refused rate-limited 1": { 0: 10, 1: 5 },
        "reserve-batch admission.refused rate-limited 1": { 3: 2 },
        "reserve admission.refused sold-out none": { 4: 40 },
      }),
    )
    expect(found).toEqual([
      { by: "admission", reason: "sold-out", tier: null, requests: 40 },
      { by: "admission", reason: "rate-limited", tier: "1", requests: 17 },
    ])
  })

  test("flagged clients by signal and tier of their token", async () => {
    const found = flaggedOf(
      await measured({ "reserve admission.suspected": { 0: 7 }, "reserve admission.suspected busy 2": { 0: 7 } }),
    )
    expect(found).toEqual({ requests: 7, by_signal: [{ signal: "busy", claimed_tier: "2", requests: 7 }] })
  })

  test("the queue at its fullest, and when", async () => {
    const found = queueOf(
      await measured({ "expiry-sweeper queue.depth": { 1: 20, 2: 900, 3: 5 }, "batch-writer queue.wait": { 3: 1_500 } }),
    )
    expect(found).toMatchObject({
      deepest_records: 900,
      deepest_at: momentAfter(20),
      longest_wait_ms: 1_500,
      longest_wait_at: momentAfter(30),
    })
  })

  test("the peak of both reserving functions against the declared one", async () => {
    const [reservations, reads] = peaksOf(
      await measured({ "reserve request.rate": { 0: 100, 1: 400 }, "reserve-batch request.rate": { 1: 100 } }),
      stages.dev,
    )
    expect(reservations).toMatchObject({ planned_per_second: 25, measured_per_second: 50, at: momentAfter(10), share_of_plan: 2 })
    expect(reads).toMatchObject({ measured_per_second: null, share_of_plan: null })
  })

  test("the part that was above its level first, not the one that was above it most", async () => {
    const values = {
      "batch-writer queue.wait p95": { 1: 2_500 },
      "batch-writer database.latency p99": { 2: 9_000 },
      "reserve admit.latency p95": { 0: 20 },
    }
    expect(firstBottleneck(await measured(values))).toMatchObject({ at: momentAfter(10), text: expect.stringContaining("queue") })
    expect(firstBottleneck(await measured({}))).toBeUndefined()
  })

  test("causes of errors: problems by function, and what the parts report", async () => {
    const found = errorsOf(
      await measured({
        "checkout error.rate outcome-unknown": { 0: 2 },
        "checkout payment.failed": { 0: 3 },
        "reserve redis.away": {},
      }),
    )
    expect(found).toMatchObject([
      { where: "payment provider", times: 3 },
      { cause: "outcome-unknown", where: "checkout", times: 2 },
    ])
  })
})

describe("from the ledger", () => {
  const beginnings = Array.from({ length: 6 }, (_, index) => momentAfter(index * 10))

  test("units and money over time; intervals without an entry keep the balances", () => {
    expect(saleOverTime(givenLedger, beginnings)).toEqual({
      sku_id: "phone",
      available: [10, 10, 0, 0, 0, 0],
      reserved: [0, 0, 10, 10, 10, 2],
      sold: [0, 0, 0, 0, 0, 8],
      refused: [0, 0, 5, 0, 0, 0],
      ordered_minor: [0, 0, 0, 0, 0, 4_000],
      captured_minor: [0, 0, 0, 0, 0, 3_500],
      refunded_minor: [0, 0, 0, 0, 0, 100],
    })
  })

  test("sums over intervals are the totals, and a failed refund takes its money back", () => {
    const amount = fc.integer({ min: 0, max: 10_000 })
    const interval = fc.record({
      paid: amount,
      refunded: amount,
      refund_failed: amount,
      refused: fc.integer({ min: 0, max: 50 }),
    })
    fc.assert(
      fc.property(fc.array(interval, { minLength: 6, maxLength: 6 }), (amounts) => {
        const ledger: LedgerIntervals = {
          ...givenLedger,
          intervals: amounts.map(({ refused, ...kinds }, index) => ({
            ...{ begins_at: momentAfter(index * 10), after: givenLedger.before, oversold: 0, refused: { "sold-out": refused } },
            entries: Object.fromEntries(Object.entries(kinds).map(([kind, value]) => [kind, { entries: 1, amount: value }])),
          })),
        }
        const total = (of: (each: (typeof amounts)[number]) => number) => amounts.reduce((sum, each) => sum + of(each), 0)
        const found = saleOverTime(ledger, beginnings)
        expect(found.captured_minor.at(-1)).toBe(total(({ paid }) => paid))
        expect(found.refunded_minor.at(-1)).toBe(total(({ refunded, refund_failed }) => refunded - refund_failed))
        expect(found.refused.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(total(({ refused }) => refused))
      }),
    )
  })

  test("money of different currencies is never added", () => {
    const yen = { PAID: { currency: "JPY", orders: 1, amount_minor: 800, refunded_minor: 0 } }
    expect(revenueOf([givenSale(), givenSale({ sku_id: "tea", currency: "JPY", orders: yen })])).toEqual([
      { currency: "EUR", orders: 8, ordered_minor: 4_000, captured_minor: 3_500, refunded_minor: 100, kept_minor: 3_400 },
      { currency: "JPY", orders: 1, ordered_minor: 800, captured_minor: 800, refunded_minor: 0, kept_minor: 800 },
    ])
  })

  test("an oversell in one entry is found, also when the balances of now are right again", () => {
    const [first, ...rest] = givenLedger.intervals
    if (first === undefined) throw new Error("The ledger of the test has intervals")
    expect(oversoldOf([givenLedger], [givenSale()])).toBe(0)
    expect(oversoldOf([{ ...givenLedger, intervals: [{ ...first, oversold: 3 }, ...rest] }], [givenSale()])).toBe(3)
    expect(oversoldOf([givenLedger], [givenSale({ sold: 9 })])).toBe(1)
  })
})

describe("the whole report", () => {
  test("answers every question with its numbers", async () => {
    const { answers, proof } = await givenReport(givenSale(), { "reserve request.rate": { 12: 400 } })
    const answer = (question: string) => answers.find((each) => each.question.includes(question))?.answer
    expect(answer("peak")).toContain("reservations: 40.0/s at 09:00:00 UTC, planned 25/s (160.0 %)")
    expect(answer("sold out")).toBe("phone: at 09:00:25 UTC, 25.0 s after the opening.")
    expect(answer("in vain")).toContain("5 requests were refused (1.3 % of 400 reservation requests): sold-out 5")
    expect(answer("look like people")).toContain(
      "1 of their accounts (a sample). Of these, 3 got a unit or a place on the waitlist, and 2 paid",
    )
    expect(answer("earned")).toBe("8 orders, 35.00 EUR captured, 1.00 EUR returned, 34.00 EUR kept.")
    expect(answer("oversold")).toBe("No; the proof holds, over 12 ledger entries and 15 decisions.")
    expect(answer("next time")).toContain(
      "declare higher peaks in the stage's config, and let `ops capacity` check them: reservations",
    )
    expect(answers).toHaveLength(13)
    expect(proof.heads).toEqual([{ sku_id: "phone", ledger_seq: 12, head_hash: "ab".repeat(32) }])
  })

  test("an oversold sale fails the proof, also when the verification found nothing", async () => {
    const { proof, answers } = await givenReport(givenSale({ sold: 9 }))
    expect(proof).toMatchObject({ ok: false, oversold: 1 })
    expect(answers.map(({ answer }) => answer).join()).toContain("YES: 1 units; THE PROOF FAILS")
  })

  test("a window without a sale says what to give", async () => {
    const none = { "report-sales": { sales: [], left_out: 0, read_at: momentAfter(0) } }
    await expect(givenReport(givenSale(), {}, none)).rejects.toThrow(/No sale closed or sold out between .* Name SKUs/)
  })
})

test("a command looks up at most a thousand accounts, and names at most 20 sales", () => {
  const request = (users: number, skus: number) => ({
    ...{ command: "report-flagged", operator: "the test", sku_ids: Array(skus).fill("phone") },
    users: Array(users).fill("0000beef"),
  })
  const isTaken = (users: number, skus: number) => OpsRequest.safeParse(request(users, skus)).success
  expect([isTaken(1_000, 20), isTaken(1_001, 20), isTaken(1_000, 21)]).toEqual([true, false, false])
})
