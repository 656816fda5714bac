import type { AnalyticsStore } from "../../adapters/analytics/store.ts"
import type { GenerationFigures } from "../../contracts/streams.ts"
import { totalsOf } from "./analytics-generations.ts"

/**
 * What a generation of analytics has counted, and how far it has read each partition: two generations that have read the same
 * records have equal totals.
 *
 * @param asked the present generation, when it is absent
 * @throws the store's errors
 */
export async function figuresOf(store: AnalyticsStore, asked?: number): Promise<GenerationFigures> {
  const generation = asked ?? (await store.readGeneration())
  const [totals, present, archived] = await Promise.all([
    totalsOf(store, generation),
    store.readAll(),
    store.readArchive(generation),
  ])
  const records = [...archived, ...present.filter((record) => record.generation === generation)]
  const offsets = new Map(records.map(({ partition, state }) => [partition, state.nextOffset ?? 0]))
  return {
    generation,
    totals: totals === undefined ? null : { ...totals },
    next_offsets: [...offsets].sort(([a], [b]) => a - b).map(([partition, next_offset]) => ({ partition, next_offset })),
  }
}
