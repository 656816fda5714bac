import type { Pool } from "pg"
import { relayLagMs, type StockHealth, stockHealth } from "../../core/adapters/postgres/sales.ts"
import { flushMetrics, logger, record, recordBy } from "../../core/adapters/telemetry.ts"
import { mostMeasuredSkus, saleModeValues, saleStatusValues } from "../../core/contracts/metrics.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { forEachSku } from "../../core/workflows/allocation/each-sku.ts"

/** A hold that is overdue by more than this is a unit that nobody can buy. */
const undersellGraceSeconds = 30

/** The comparison of sold units with their rows may take this share of PostgreSQL's time. */
const soldCheckShare = 0.05

/**
 * Makes the measurement of the stock: units that were oversold, and units that nobody can buy, because their hold is overdue or
 * because a counter differs from its rows. It halts an oversold SKU at once: until an operator reacts to the alarm, every further
 * order would have to be refunded. A SKU that an operator resumes before it is repaired is halted again.
 *
 * A SKU that cannot be halted does not delay the others. @returns measures; it throws PostgreSQL's errors, when the stock cannot
 * be read
 */
export function createObserveStock(pool: Pool, applyCommand: ApplyCommand): () => Promise<void> {
  let soldCheckDueMs = 0
  return async () => {
    const startedMs = performance.now()
    const withSold = startedMs >= soldCheckDueMs
    const skus = await stockHealth(pool, undersellGraceSeconds, withSold)
    const endedMs = performance.now()
    if (withSold) soldCheckDueMs = endedMs + (endedMs - startedMs) / soldCheckShare
    const oversold = skus.filter((sku) => sku.oversold > 0)
    record("inventory.oversell", sumOf(skus, "oversold"))
    record("inventory.undersell", sumOf(skus, "overheld") + sumOf(skus, "leaked"))
    for (const sku of skus.slice(0, mostMeasuredSkus)) measureSku(sku)
    flushMetrics()
    if (oversold.length > 0) logger.critical("OversellDetected", { skus: oversold })
    const leaking = skus.filter(({ leaked }) => leaked > 0)
    if (leaking.length > 0)
      logger.critical("The counters of a SKU differ from its rows: nobody can buy the units", { skus: leaking })
    const selling = oversold.filter(({ mode }) => mode !== "halted")
    await forEachSku("halt-oversold", selling, ({ skuNo }) => applyCommand(skuNo, { kind: "halt", skuNo }))
  }
}

/** Status and mode of a sale, and its units while it is open. */
function measureSku({ skuId: sku, status, mode, available }: StockHealth): void {
  recordBy("sale.status", { sku }, saleStatusValues[status])
  recordBy("sale.mode", { sku }, saleModeValues[mode])
  if (status === "open") recordBy("stock.available", { sku }, available)
}

const sumOf = (skus: readonly StockHealth[], units: "oversold" | "overheld" | "leaked"): number =>
  skus.reduce((sum, sku) => sum + sku[units], 0)

/** Measures the age of the oldest ledger entry that is not in `reservation-events` yet. @throws PostgreSQL's errors */
export async function observeRelay(pool: Pool): Promise<void> {
  record("relay.lag", await relayLagMs(pool))
}
