import fc from "fast-check"
import type { SaleFact } from "../../../core/domain/analytics/counts.ts"
import type { SaleOccurrence } from "../../../core/domain/analytics/figures.ts"

const units = fc.integer({ min: 1, max: 5 })
const money = { amountMinor: fc.integer({ min: 1, max: 100_000 }), currency: fc.constantFrom("EUR", "USD") }

const fact: fc.Arbitrary<SaleFact> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(...(["reserved", "waitlisted", "promoted", "expired", "cancelled", "lapsed", "confirmed"] as const)),
      units,
    }) as fc.Arbitrary<SaleFact>,
  },
  {
    weight: 3,
    arbitrary: fc
      .dictionary(fc.constantFrom("sold-out", "user-limit-reached", "sale-closed"), units, { minKeys: 1 })
      .map((reasons): SaleFact => ({ kind: "refused", reasons })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("paid", "payment-failed", "refunded", "partly-refunded", "refund-failed"),
      ...money,
    }) as fc.Arbitrary<SaleFact>,
  },
  { weight: 1, arbitrary: fc.constant<SaleFact>({ kind: "other" }) },
)

/** The second around which the events of these histories happen. */
export const aroundMs = 1_900_000_000_000

/**
 * The events of some SKUs, each in the order of its ledger. Times go forth and back by more than the window, as they do across
 * SKUs that are published in turns.
 */
export const ledgers: fc.Arbitrary<SaleOccurrence[][]> = fc
  .array(
    fc.array(fc.record({ fact, atMs: fc.integer({ min: aroundMs - 150_000, max: aroundMs }), entryEnds: fc.boolean() }), {
      maxLength: 30,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((skus) =>
    skus.map((events, sku) => {
      let [seq, ord] = [1, -1]
      return events.map(({ fact: each, atMs, entryEnds }): SaleOccurrence => {
        ;[seq, ord] = entryEnds ? [seq + 1, 0] : [seq, ord + 1]
        return { skuId: `SKU-${sku}`, seq, ord, atMs, fact: each }
      })
    }),
  )

/** The same events in one order: each SKU keeps its own, and `turns` says which SKU is next. */
export function interleaved(skus: readonly (readonly SaleOccurrence[])[], turns: readonly number[]): SaleOccurrence[] {
  const left = skus.map((events) => [...events])
  const order: SaleOccurrence[] = []
  for (const turn of turns) {
    const next = left[turn % left.length]?.shift()
    if (next !== undefined) order.push(next)
  }
  return [...order, ...left.flat()]
}
