import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decide } from "../../../core/domain/decide.ts"
import { maxPassed } from "../../../core/domain/sale.ts"
import { anyCrowd, playHistory } from "./given-history.ts"
import { type ModelSale, ReferenceSale } from "./reference-model.ts"

/** Units are kept in few of the histories; of this seed they are in enough. What fails is not shrunk, which would take minutes. */
const runs = { numRuns: 150, seed: 1, endOnFailure: true }
/** They take seconds on a machine that does other things as well. */
const timeoutMs = 60_000

const smallSale: fc.Arbitrary<ModelSale> = fc.record({
  total: fc.integer({ min: 1, max: 4 }),
  perUserLimit: fc.constant(1_000),
  waitlistLimit: fc.integer({ min: 2, max: 12 }),
  holdSeconds: fc.integer({ min: 1, max: 6 }),
  maxUnpaidHolds: fc.constant(1_000),
})

/** A book that forgets who was passed before the transaction. */
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

describe("an entry for which there is not enough", () => {
  test(
    "is passed at most so often, and then nothing goes to anybody behind it",
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
    "while everybody asks for as many, nobody is passed and nothing is kept",
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
    "a core that forgets what happened in earlier transactions is caught",
    () => {
      expect(() => fc.assert(mixed(forgetsPasses), runs)).toThrow()
    },
    timeoutMs,
  )
})
