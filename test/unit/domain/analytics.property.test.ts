import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decodeState, encodeState } from "../../../core/adapters/analytics/state-codec.ts"
import { keptSeconds, merge, type SaleOccurrence, secondOf, windowSeconds } from "../../../core/domain/analytics/figures.ts"
import { applyEvent, applyRecords, emptyState, type PartitionState } from "../../../core/domain/analytics/partition-state.ts"
import { reportAt, totalsOf } from "../../../core/domain/analytics/report.ts"
import { aroundMs, interleaved, ledgers } from "./given-events.ts"

const turns = fc.array(fc.nat(11), { maxLength: 80 })

function stateOf(events: readonly SaleOccurrence[]): PartitionState {
  const state = emptyState()
  for (const event of events) applyEvent(state, event)
  return state
}

/** Everything that a state says, without the order in which its maps were filled. */
const contentOf = ({ skus, seconds, applied, newestSecond }: PartitionState) => ({ skus, seconds, applied, newestSecond })

const asRecords = (events: readonly SaleOccurrence[], firstOffset: number) => ({
  firstOffset,
  nextOffset: firstOffset + events.length,
  events: events.map((event, index) => ({ ...event, offset: firstOffset + index })),
})

describe("the figures of a partition", () => {
  test("do not depend on the order in which SKUs are published", () => {
    fc.assert(
      fc.property(ledgers, turns, turns, (skus, one, other) => {
        const states = [one, other].map((order) => stateOf(interleaved(skus, order)))
        const [first, second] = states.map(contentOf)
        expect(first).toEqual(second)
        const [totals, others] = states.map((state) => JSON.stringify(totalsOf(state)))
        expect(totals).toBe(others)
      }),
    )
  })

  test("do not depend on where deliveries end, nor on records that come again, at their own offsets or at new ones", () => {
    fc.assert(
      fc.property(ledgers, turns, fc.array(fc.nat(100), { maxLength: 12 }), (skus, order, cuts) => {
        const events = interleaved(skus, order)
        const expected = stateOf(events)
        const state = emptyState()
        let offset = 0
        for (const cut of [...cuts, events.length]) {
          // A delivery that begins before the next offset, and ends anywhere.
          const from = Math.max(0, offset - (cut % 7))
          const to = Math.min(events.length, Math.max(offset, cut))
          applyRecords(state, asRecords(events.slice(from, to), from))
          offset = Math.max(offset, to)
        }
        const copies = asRecords(events.slice(events.length / 2), offset)
        const { counted, skipped, isRecreated } = applyRecords(state, copies)
        expect({ counted, skipped, isRecreated }).toEqual({ counted: 0, skipped: 0, isRecreated: false })
        expect(contentOf(state)).toEqual(contentOf(expected))
        expect(state).toMatchObject({ nextOffset: copies.nextOffset, skippedRecords: 0, recreations: 0 })
      }),
    )
  })

  test("are the naive count over the events, of the window and of everything", () => {
    const within = fc.integer({ min: aroundMs - (keptSeconds - windowSeconds) * 1_000, max: aroundMs + 90_000 })
    fc.assert(
      fc.property(ledgers, turns, within, fc.constantFrom(undefined, "SKU-0"), (skus, order, atMs, skuId) => {
        const events = interleaved(skus, order)
        const state = stateOf(events)
        const mine = events.filter((event) => skuId === undefined || event.skuId === skuId)
        const report = reportAt(state, atMs, skuId)
        if (report === undefined) {
          expect(skuId !== undefined && mine.length === 0).toBe(true)
          return
        }
        const recent = mine.filter(
          ({ atMs: at }) => secondOf(at) <= secondOf(atMs) && secondOf(at) > secondOf(atMs) - windowSeconds,
        )
        const count = (all: readonly SaleOccurrence[], ...kinds: string[]) =>
          all.filter(({ fact }) => kinds.includes(fact.kind)).length
        const refusals = (all: readonly SaleOccurrence[]) =>
          all
            .flatMap(({ fact }) => (fact.kind === "refused" ? Object.values(fact.reasons) : []))
            .reduce((sum, each) => sum + each, 0)
        const money = (currency: string) =>
          mine
            .map(({ fact }) => (fact.kind === "paid" && fact.currency === currency ? fact.amountMinor : 0))
            .reduce((sum, each) => sum + each, 0)
        expect(report.ordersPerMinute).toBe(count(recent, "reserved", "waitlisted"))
        expect(report.refusalsPerMinute).toBe(refusals(recent))
        const { totals } = report
        expect(totals).toMatchObject({
          events: mine.length,
          accepted: count(mine, "reserved", "waitlisted"),
          refused: refusals(mine),
          confirmed: count(mine, "confirmed"),
          paymentFailed: count(mine, "payment-failed"),
        })
        expect(totals.revenueMinor.EUR ?? 0).toBe(money("EUR"))
        const decided = totals.accepted + totals.refused
        expect(report.failureRatePercent).toBeCloseTo(decided === 0 ? 0 : (100 * totals.refused) / decided, 2)
        expect(report.failureRatePercent + report.successRatePercent).toBeCloseTo(decided === 0 ? 0 : 100, 2)
      }),
    )
  })

  test("are stored and read again without a change", () => {
    fc.assert(
      fc.property(ledgers, turns, (skus, order) => {
        const state = stateOf(interleaved(skus, order))
        state.nextOffset = 7
        expect(decodeState(encodeState(state), 7)).toEqual(state)
      }),
    )
  })
})

test("figures of partitions are merged in any order", () => {
  fc.assert(
    fc.property(ledgers, (skus) => {
      const states = skus.map((events) => stateOf(events))
      const [one, other] = [merge(states), merge([...states].reverse())]
      expect(one).toEqual(other)
      expect(JSON.stringify(totalsOf(one))).toBe(JSON.stringify(totalsOf(other)))
      const whole = stateOf(skus.flat())
      expect(totalsOf(one)).toEqual(totalsOf(whole))
    }),
  )
})

describe("offsets", () => {
  const events = Array.from(
    { length: 10 },
    (_, index): SaleOccurrence => ({
      ...{ skuId: "SKU", seq: index + 1, ord: 0, atMs: aroundMs + index },
      fact: { kind: "reserved", units: 1 },
    }),
  )

  test("that jump ahead are counted as skipped records", () => {
    const state = emptyState()
    applyRecords(state, asRecords(events.slice(0, 3), 40))
    expect(applyRecords(state, asRecords(events.slice(5), 50))).toMatchObject({ counted: 5, skipped: 7, isRecreated: false })
    expect(state).toMatchObject({ nextOffset: 55, skippedRecords: 7 })
  })

  test("that begin again with new events are those of a recreated topic: nothing is lost or counted twice", () => {
    const state = emptyState()
    applyRecords(state, asRecords(events.slice(0, 6), 100))
    // The relay publishes two known entries again, then new ones.
    expect(applyRecords(state, asRecords(events.slice(4, 6), 0))).toMatchObject({ counted: 0, isChanged: false })
    expect(applyRecords(state, asRecords(events.slice(6, 8), 2))).toMatchObject({ counted: 2, skipped: 0, isRecreated: true })
    expect(applyRecords(state, asRecords(events.slice(8), 4))).toMatchObject({ counted: 2, skipped: 0, isRecreated: false })
    expect(state).toMatchObject({ nextOffset: 6, recreations: 1, skippedRecords: 0 })
    expect(totalsOf(state)).toMatchObject({ events: 10, reserved: 10 })
  })
})

test("memory does not grow with the number of events", () => {
  const state = emptyState()
  const sizes: number[] = []
  let seq = 0
  for (let round = 0; round < 4; round++) {
    for (let each = 0; each < 50_000; each++) {
      seq += 1
      applyEvent(state, {
        ...{ skuId: `SKU-${seq % 50}`, seq, ord: 0, atMs: aroundMs + seq * 4 },
        fact: { kind: "reserved", units: 1 },
      })
    }
    sizes.push(encodeState(state).length)
  }
  expect(state.seconds.size).toBeLessThanOrEqual(keptSeconds)
  expect(Math.max(...sizes)).toBeLessThan(1.1 * Math.min(...sizes))
})

test("the state of 1,000 SKUs, 50 of them selling, is far below the 400 kB of an item of DynamoDB", () => {
  const state = emptyState()
  let random = 1
  const next = (below: number) => {
    random = (random * 48_271) % 2_147_483_647
    return random % below
  }
  for (let sku = 0; sku < 1_000; sku++) {
    const selling = sku < 50
    for (let seq = 1; seq <= (selling ? 2_000 : 40); seq++) {
      const atMs = aroundMs - next(selling ? 90_000 : 10_000_000)
      const ids = { skuId: `some-rather-long-sku-id-${sku * 7_919}`, seq, ord: 0, atMs }
      applyEvent(state, {
        ...ids,
        fact:
          seq % 3 === 0
            ? { kind: "refused", reasons: { "sold-out": 1 + next(900), "user-limit-reached": 1 + next(90) } }
            : seq % 3 === 1
              ? { kind: "paid", amountMinor: next(1_000_000), currency: "EUR" }
              : { kind: "reserved", units: 1 + next(4) },
      })
    }
  }
  expect(state.seconds.size).toBe(keptSeconds)
  expect(encodeState(state).length).toBeLessThan(150_000)
})
