import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decide } from "../../../core/domain/decide.ts"
import { maxPassed } from "../../../core/domain/sale.ts"
import { anyCrowd, playHistory } from "./given-history.ts"
import { type ModelSale, ReferenceSale } from "./reference-model.ts"

/** Few histories keep units back; with this seed enough do. Failures are not shrunk, because shrinking takes minutes. */
const runs = { numRuns: 150, seed: 1, endOnFailure: true }
/** The properties take seconds on a busy machine. */
const timeoutMs = 60_000

const smallSale: fc.Arbitrary<ModelSale> = fc.record({
  total: fc.integer({ min: 1, max: 4 }),
  perUserLimit: fc.constant(1_000),
  waitlistLimit: fc.integer({ min: 2, max: 12 }),
  holdSeconds: fc.integer({ min: 1, max: 6 }),
  maxUnpaidHolds: fc.constant(1_000),
})

/** A planted bug: passes before the transaction are ignored. */
const forgetsPasses: typeof decide = (command, state, now) => {
  const waiting = [...state.waiting].map(
    ([skuNo, entries]) => [skuNo, entries.map((entry) => ({ ...entry, passed: 0 }))] as const,
  )
  return decide(command, { ...state, waiting: new Map(waiting) }, now)
}

const mixed = (decideWith?: typeof decide) =>
  fc.property(smallSale, anyCrowd(3), (sale, history) => {
    playHistory(sale, history, decideWith)
  })

describe("a waitlist entry that asks for more units than are available", () => {
  test(
    "is passed at most a limited number of times, and after that no later request gets units",
    () => {
      let timesKept = 0
      fc.assert(
        fc.property(smallSale, anyCrowd(3), (sale, history) => {
          const model = new ReferenceSale(sale)
          const core = playHistory(sale, history, decide, model)
          timesKept += model.timesKept
          const { total, sold } = core.sku(1).balances
          const [first] = core.waitlist
          if (
            first &&
            first.quantity <= total - sold &&
            model.orders.length === 0 &&
            history.every(({ act }) => act.kind !== "restock")
          ) {
            expect(first.passed).toBeLessThanOrEqual(maxPassed)
          }
        }),
        runs,
      )
      expect(timesKept).toBeGreaterThan(10)
    },
    timeoutMs,
  )

  test(
    "is never passed while all requests ask for the same quantity",
    () => {
      fc.assert(
        fc.property(smallSale, anyCrowd(1), (sale, history) => {
          const core = playHistory(sale, history, decide, new ReferenceSale(sale, Number.POSITIVE_INFINITY))
          expect(core.waitlist.every(({ passed }) => passed === 0)).toBe(true)
        }),
        runs,
      )
    },
    timeoutMs,
  )

  test(
    "a core that ignores the passes of earlier transactions is found",
    () => {
      expect(() => fc.assert(mixed(forgetsPasses), runs)).toThrow()
    },
    timeoutMs,
  )
})
