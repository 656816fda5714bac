import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { evolve } from "../../../core/domain/evolve.ts"
import type { LedgerEntry } from "../../../core/domain/ledger.ts"
import type { SkuSale } from "../../../core/domain/sale.ts"
import { anyHistory, anySale, playHistory } from "./given-history.ts"
import { MemorySale } from "./memory-sale.ts"

const skuNo = 1
const runs = { numRuns: 500 }
const timeoutMs = 60_000

/** Plays a history on a sale as the database would keep it, and replays its ledger from the sale at the start. */
const replays = (evolveWith: typeof evolve) =>
  fc.property(anySale, anyHistory, (terms, history) => {
    const start = new MemorySale()
    start.addSku({ skuNo, ...terms })
    const core = playHistory(terms, history)
    const replayed = core.ledger.reduce<SkuSale>((sale, { entry, at }) => evolveWith(sale, entry, at), start.sku(skuNo))
    expect(replayed).toEqual(core.sku(skuNo))
  })

test(
  "a replay of the ledger of any history gives the balances, status, mode and epoch of the transactions",
  () => {
    fc.assert(replays(evolve), runs)
  },
  timeoutMs,
)

describe("a replay with a planted bug is found", () => {
  const withEntry =
    (change: (entry: LedgerEntry) => Partial<LedgerEntry>): typeof evolve =>
    (sale, entry, at) =>
      evolve(sale, { ...entry, ...change(entry) }, at)

  test.each<[string, typeof evolve]>([
    ["it forgets units that come back", withEntry(({ reservedDelta }) => ({ reservedDelta: Math.max(0, reservedDelta) }))],
    ["it forgets to freeze", withEntry(({ kind }) => ({ kind: kind === "frozen" ? "halted" : kind }))],
    ["it forgets the opening", withEntry(({ kind }) => ({ kind: kind === "opened" ? "paid" : kind }))],
    ["it keeps the old epoch", (sale, entry, at) => ({ ...evolve(sale, entry, at), epoch: sale.epoch })],
    ["it forgets the mode before a halt", (sale, entry, at) => ({ ...evolve(sale, entry, at), resumeMode: sale.resumeMode })],
  ])("%s", (_, faulty) => {
    expect(() => fc.assert(replays(faulty), { ...runs, seed: 1, endOnFailure: true })).toThrow()
  })
})
