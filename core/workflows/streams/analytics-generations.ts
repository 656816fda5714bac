import type { AnalyticsStore } from "../../adapters/analytics/store.ts"
import { merge } from "../../domain/analytics/figures.ts"
import { emptyState } from "../../domain/analytics/partition-state.ts"
import { type Totals, totalsOf as totalsOfFigures } from "../../domain/analytics/report.ts"

/** A partition that changes under this many tries still has a consumer. */
const maxTries = 10

/**
 * Begins a new generation: every partition counts again from nothing, and the figures of the previous generation are kept. Call
 * it while the group has no members: what a member counts meanwhile would be part of either generation. A call that follows one
 * that died completes that one.
 *
 * @throws Error when another call begins the same generation, or when a member of the group still writes; the store's errors
 */
export async function startGeneration(store: AnalyticsStore): Promise<{ previous: number; current: number }> {
  const [known, records] = await Promise.all([store.readGeneration(), store.readAll()])
  const isUnfinished = records.some(({ generation }) => generation < known)
  const current = isUnfinished ? known : known + 1
  if (!isUnfinished && !(await store.beginGeneration(current))) {
    throw new Error(`Generation ${current} of analytics is being begun by another call. Wait for it, then look at the groups.`)
  }
  for (const { partition } of records) await beginAgain(store, partition, current)
  return { previous: current - 1, current }
}

async function beginAgain(store: AnalyticsStore, partition: number, current: number): Promise<void> {
  for (let tries = 0; tries < maxTries; tries++) {
    const record = await store.read(partition)
    if (record === undefined || record.generation >= current) return
    await store.archive(record)
    if (await store.write({ partition, generation: current, revision: record.revision + 1, state: emptyState() })) return
  }
  throw new Error(`Partition ${partition} still has a consumer of analytics. Stop the group, and begin the generation again.`)
}

/** The counters of a generation, the present one or an earlier one; undefined when it has none. @throws the store's errors */
export async function totalsOf(store: AnalyticsStore, generation: number): Promise<Totals | undefined> {
  const [present, archived] = await Promise.all([store.readAll(), store.readArchive(generation)])
  const records = new Map(archived.map((record) => [record.partition, record]))
  // While a generation is being begun, a partition may be archived and still be counted: its present state is the last one.
  for (const record of present) if (record.generation === generation) records.set(record.partition, record)
  return records.size === 0 ? undefined : totalsOfFigures(merge([...records.values()].map(({ state }) => state)))
}
