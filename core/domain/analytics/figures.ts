import { addCounts, addFact, noCounts, refusalsIn, type SaleFact, type SkuCounts } from "./counts.ts"

/** An event of a sale: what happened to a SKU at `(seq, ord)` of its ledger. */
export interface SaleOccurrence {
  readonly skuId: string
  readonly seq: number
  readonly ord: number
  /** When it happened, by PostgreSQL's clock, in milliseconds since the epoch. Not when it arrived. */
  readonly atMs: number
  readonly fact: SaleFact
}

/** What happened to a SKU in one second of event time. */
export interface SecondCounts {
  events: number
  accepted: number
  refused: number
}

/** The counters of a SKU, and when its first and its last event happened. */
export interface SkuFigures {
  readonly counts: SkuCounts
  firstAtMs: number
  lastAtMs: number
}

/** The figures of some SKUs. */
export interface Figures {
  readonly skus: Map<string, SkuFigures>
  /** The last seconds in which something happened: by second since the epoch, then by SKU. */
  readonly seconds: Map<number, Map<string, SecondCounts>>
}

/** The seconds of the sliding window. */
export const windowSeconds = 60

/**
 * Seconds that are kept behind the newest event: the window, and a margin of 30 s for a reader whose clock is behind
 * PostgreSQL's: its window ends so much earlier.
 */
export const keptSeconds = 90

export const noFigures = (): Figures => ({ skus: new Map(), seconds: new Map() })

/** Adds one event to the figures, which it changes. `newestSecond` is the newest second of any event so far. */
export function addOccurrence(figures: Figures, { skuId, atMs, fact }: SaleOccurrence, newestSecond: number): void {
  const sku = figuresOf(figures, skuId, atMs)
  addFact(sku.counts, fact)
  sku.firstAtMs = Math.min(sku.firstAtMs, atMs)
  sku.lastAtMs = Math.max(sku.lastAtMs, atMs)
  const second = secondOf(atMs)
  if (isKept(second, newestSecond)) addToSecond(figures, second, skuId, countsInSecond(fact))
}

/** The second of a moment, counted from the epoch. */
export const secondOf = (atMs: number): number => Math.floor(atMs / 1_000)

/** Forgets the seconds that are too old to be in any window. */
export function forgetOldSeconds({ seconds }: Figures, newestSecond: number): void {
  for (const second of seconds.keys()) if (!isKept(second, newestSecond)) seconds.delete(second)
}

/** The sum of figures: of partitions, of which each has other SKUs. The order makes no difference. */
export function merge(parts: readonly Figures[]): Figures {
  const merged = noFigures()
  for (const part of parts) {
    for (const [skuId, sku] of part.skus) {
      const into = figuresOf(merged, skuId, sku.firstAtMs)
      addCounts(into.counts, sku.counts)
      into.firstAtMs = Math.min(into.firstAtMs, sku.firstAtMs)
      into.lastAtMs = Math.max(into.lastAtMs, sku.lastAtMs)
    }
    for (const [second, skus] of part.seconds) {
      for (const [skuId, counts] of skus) addToSecond(merged, second, skuId, counts)
    }
  }
  return merged
}

const isKept = (second: number, newestSecond: number): boolean => second > newestSecond - keptSeconds

const countsInSecond = (fact: SaleFact): SecondCounts => ({
  events: 1,
  accepted: fact.kind === "reserved" || fact.kind === "waitlisted" ? 1 : 0,
  refused: refusalsIn(fact),
})

function figuresOf({ skus }: Figures, skuId: string, atMs: number): SkuFigures {
  const known = skus.get(skuId)
  if (known !== undefined) return known
  const made = { counts: noCounts(), firstAtMs: atMs, lastAtMs: atMs }
  skus.set(skuId, made)
  return made
}

function addToSecond({ seconds }: Figures, second: number, skuId: string, more: SecondCounts): void {
  const skus = seconds.get(second) ?? new Map<string, SecondCounts>()
  seconds.set(second, skus)
  const counts = skus.get(skuId) ?? { events: 0, accepted: 0, refused: 0 }
  skus.set(skuId, counts)
  counts.events += more.events
  counts.accepted += more.accepted
  counts.refused += more.refused
}
