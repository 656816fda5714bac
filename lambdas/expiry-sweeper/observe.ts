import type { Pool } from "pg"
import type { EndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { readProgress } from "../../core/adapters/postgres/lag.ts"
import { relayLagMs, stockHealth } from "../../core/adapters/postgres/sales.ts"
import { logger, record } from "../../core/adapters/telemetry.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { forEachSku } from "../../core/workflows/allocation/each-sku.ts"

/** A hold that has outlived its time by this much is a unit nobody can buy. */
const undersellGraceSeconds = 30

/**
 * Looks for units that do not exist, and units that nobody can buy. A SKU that is oversold is halted here and now: by the time
 * somebody has read a page, every further order is one more to refund. Whoever resumes it before it is repaired finds it halted again.
 *
 * One that cannot be halted holds up no other. @throws PostgreSQL's errors when it cannot be asked
 */
export async function observeStock(pool: Pool, applyCommand: ApplyCommand): Promise<void> {
  const skus = await stockHealth(pool, undersellGraceSeconds)
  const oversold = skus.filter((sku) => sku.oversold > 0)
  record("inventory.oversell", sumOf(skus, "oversold"))
  record("inventory.undersell", sumOf(skus, "overheld"))
  if (oversold.length > 0) logger.critical("OversellDetected", { skus: oversold })
  const selling = oversold.filter(({ halted }) => !halted)
  await forEachSku("halt-oversold", selling, ({ skuNo }) => applyCommand(skuNo, { kind: "halt", skuNo }))
}

const sumOf = (skus: readonly { oversold: number; overheld: number }[], units: "oversold" | "overheld"): number =>
  skus.reduce((sum, sku) => sum + sku[units], 0)

/**
 * Measures how far the writer is behind what brokers acknowledged, by partition: that is the lag of its consumer, and the queue of each SKU
 * of the partition. @throws the servers' errors
 */
export async function observeQueue(deps: { pool: Pool; endOffsets: EndOffsets; requestsTopic: string }): Promise<void> {
  const ends = await deps.endOffsets(deps.requestsTopic)
  const { watermarks } = await readProgress(deps.pool, deps.requestsTopic)
  for (const [partition, end] of ends) {
    const depth = Math.max(0, end - (watermarks.get(partition) ?? 0))
    record("queue.depth", depth)
    record("kafka.consumer.lag", depth)
  }
}

/** Measures how old the oldest event is that the ledger holds and `reservation-events` does not. @throws PostgreSQL's errors */
export async function observeRelay(pool: Pool): Promise<void> {
  record("relay.lag", await relayLagMs(pool))
}
