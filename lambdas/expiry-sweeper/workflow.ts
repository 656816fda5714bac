import { setTimeout as delay } from "node:timers/promises"
import type { Pool } from "pg"
import { dueSkus, stockHealth } from "../../core/adapters/postgres/sales.ts"
import { logger, record } from "../../core/adapters/telemetry.ts"
import type { Settle } from "../../core/workflows/settle.ts"

/** Time between two looks for overdue holds. */
const sweepIntervalMs = 5_000
/** A hold that has outlived its time by this much is a unit nobody can buy. */
const undersellGraceSeconds = 30
/** Time between two rounds of what must be quick: publishing the ledger, keeping Redis warm. */
const roundIntervalMs = 1_000

/** The errands of a sweeper, each independent of the others: one that fails does not keep the next from running. */
export interface Errands {
  readonly sweep: () => Promise<void>
  readonly relay: () => Promise<unknown>
  readonly warm: () => Promise<void>
  readonly reconcile: () => Promise<unknown>
  readonly observe: () => Promise<void>
}

/**
 * Runs the errands until time is up: an EventBridge schedule cannot go below a minute, so an invocation goes on for two and overlaps
 * the next one, which is harmless.
 *
 * @param timeLeftMs milliseconds until the invocation must end; asked before each round
 */
export async function runErrands(errands: Errands, timeLeftMs: () => number): Promise<void> {
  for (let nextSweepMs = performance.now(); timeLeftMs() > 0; ) {
    const sweeping = performance.now() >= nextSweepMs
    if (sweeping) nextSweepMs += sweepIntervalMs
    await Promise.all([
      attempt("relay", errands.relay),
      attempt("warm", errands.warm),
      ...(sweeping
        ? [attempt("sweep", errands.sweep), attempt("reconcile", errands.reconcile), attempt("observe", errands.observe)]
        : []),
    ])
    await delay(Math.min(roundIntervalMs, Math.max(0, timeLeftMs())))
  }
}

async function attempt(name: string, errand: () => Promise<unknown>): Promise<void> {
  try {
    await errand()
  } catch (error) {
    logger.error("An errand of the sweeper failed and is tried again", { errand: name, error: error as Error })
  }
}

/** Ends overdue holds, closes sales whose time has come, lets waiters of closed sales go. */
export async function sweep(pool: Pool, settle: Settle): Promise<void> {
  for (const { skuNo, closes, lagMs } of await dueSkus(pool)) {
    if (lagMs > 0) record("expiry.lag", lagMs)
    await settle(skuNo, closes ? { kind: "close", skuNo } : { kind: "expire" })
  }
}

/** Measures what alarms wake people for: units that do not exist, and units that nobody can buy. */
export async function observeStock(pool: Pool): Promise<void> {
  const { oversold, overheld } = await stockHealth(pool, undersellGraceSeconds)
  record("inventory.oversell", oversold)
  record("inventory.undersell", overheld)
  if (oversold > 0) logger.critical("OversellDetected", { oversold })
}
