import { setTimeout as delay } from "node:timers/promises"
import type { Pool } from "pg"
import type { EventLog } from "../../adapters/kafka/event-log.ts"
import { takeTurn, unpublishedSkus } from "../../adapters/postgres/outbox.ts"
import { count, logger } from "../../adapters/telemetry.ts"
import { forEachSku } from "./each-sku.ts"
import { publishTurn, type RelayLimits, relayLimits } from "./relay-turn.ts"

export interface RelayDeps {
  /** Connections of the relay role. */
  readonly pool: Pool
  readonly events: EventLog
}

/** While a broker is slow, the SKUs of the other partitions are read this often. */
const pickIntervalMs = 500

/**
 * Publishes the ledger entries that `reservation-events` lacks, each SKU in the order of its ledger. SKUs take turns; the one
 * with the oldest unpublished entry comes first. A turn leaves the rest to the next one. Partitions are published in parallel: a
 * slow or failing one holds up no other. A SKU whose turn fails is not tried again in this call.
 *
 * @returns how many ledger entries were published
 * @throws PostgreSQL's errors when the unpublished entries cannot be read; the next call continues where this one stopped
 */
export async function relayLedger({ pool, events }: RelayDeps, limits: RelayLimits = relayLimits): Promise<number> {
  const endsAtMs = performance.now() + limits.maxCallMs
  const busy = new Map<number, Promise<void>>()
  const done = new Set<number>()
  let published = 0

  const takeTurns = (partition: number, skus: readonly { skuNo: number }[]) =>
    forEachSku("relay", skus, async ({ skuNo }) => {
      if (performance.now() >= endsAtMs) return
      // Taken back when the turn succeeds: a failing SKU is not tried again in this call.
      done.add(skuNo)
      const entries = await relaySku(pool, events, skuNo, limits)
      if (entries > 0) done.delete(skuNo)
      published += entries
    }).finally(() => busy.delete(partition))

  do {
    const due = (await unpublishedSkus(pool)).filter(({ skuNo, partition }) => !done.has(skuNo) && !busy.has(partition))
    for (const [partition, skus] of Map.groupBy(due, (sku) => sku.partition)) busy.set(partition, takeTurns(partition, skus))
    if (busy.size === 0) break
    await Promise.race([...busy.values(), delay(pickIntervalMs)])
  } while (performance.now() < endsAtMs)
  await Promise.all(busy.values())
  return published
}

/** One turn of a SKU. @returns how many entries it published: 0 when another relay has the turn */
async function relaySku(pool: Pool, events: EventLog, skuNo: number, limits: RelayLimits): Promise<number> {
  const turn = await takeTurn(pool, skuNo, limits.leaseMs)
  if (turn === undefined) return 0
  try {
    const { entries, isLost } = await publishTurn(turn, events, limits)
    if (entries > 0) count("relay.published", entries)
    if (isLost)
      logger.warn("Another relay has taken the turn of this SKU; it continues after the last acknowledged entry", { skuNo })
    return entries
  } finally {
    // If this fails, the lease runs out by itself.
    await turn.release().catch(() => {})
  }
}
