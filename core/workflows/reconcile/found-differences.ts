import type { Difference } from "../../contracts/operations/reconcile.ts"
import { type DifferenceKind, differenceKinds } from "../../domain/reconcile.ts"

/** Collects differences; of each it keeps the first ids only, so that its size does not grow with the sale. */
export interface FoundDifferences {
  /** Notes one more thing of a kind that differs. */
  note(kind: DifferenceKind, skuId: string, id: string, detail: string): void
  /** Notes things of a kind that a query has counted. */
  noteAll(kind: DifferenceKind, skuId: string, ids: readonly string[], count: number, detail: string): void
  list(): Difference[]
}

/** @param limit ids that are kept of each difference */
export function createFoundDifferences(limit: number): FoundDifferences {
  const found = new Map<string, { kind: DifferenceKind; sku_id: string; detail: string; count: number; ids: string[] }>()

  function noteAll(kind: DifferenceKind, skuId: string, ids: readonly string[], count: number, detail: string): void {
    const key = `${kind} ${skuId}`
    const known = found.get(key)
    if (known === undefined) {
      found.set(key, { kind, sku_id: skuId, detail, count, ids: ids.slice(0, limit) })
      return
    }
    known.count += count
    if (!known.detail.includes(detail)) known.detail = `${known.detail}; ${detail}`
    known.ids.push(...ids.slice(0, limit - known.ids.length))
  }

  return {
    note: (kind, skuId, id, detail) => noteAll(kind, skuId, [id], 1, detail),
    noteAll,
    list: () => [...found.values()].map((difference) => ({ ...difference, ...differenceKinds[difference.kind] })),
  }
}
