import type { Pool } from "pg"
import type { EndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { readProgress } from "../../core/adapters/postgres/lag.ts"
import { relayLagMs, stockHealth } from "../../core/adapters/postgres/sales.ts"
import { logger, record } from "../../core/adapters/telemetry.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { forEachSku } from "../../core/workflows/allocation/each-sku.ts"

/** A hold that is overdue by more than this is a unit that nobody can buy. */
const undersellGraceSeconds = 30

/**
 * Measures units that were oversold, and units that nobody can buy. It halts an oversold SKU at once: until an operator reacts to
 * the alarm, every further order would have to be refunded. A SKU that an operator resumes before it is repaired is halted again.
 *
 * A SKU that cannot be halted does not delay the others. @throws PostgreSQL's errors, when the stock cannot be read
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
 * Measures by partition how many acknowledged records the writer has not decided. That is the lag of its consumer, and the depth
 * of the queue of every SKU of the partition. @throws errors of PostgreSQL and Kafka
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

/** Measures the age of the oldest ledger entry that is not in `reservation-events` yet. @throws PostgreSQL's errors */
export async function observeRelay(pool: Pool): Promise<void> {
  record("relay.lag", await relayLagMs(pool))
}
