import { setTimeout as delay } from "node:timers/promises"
import type { Pool } from "pg"
import { signOfLife } from "../../core/adapters/postgres/hold-extension.ts"
import { dueSkus } from "../../core/adapters/postgres/sales.ts"
import { count, logger, record } from "../../core/adapters/telemetry.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { forEachSku } from "../../core/workflows/allocation/each-sku.ts"

/** Milliseconds between two runs of each errand: an outage is known to the first, shoppers wait for the next two, time limits bound the others. */
const intervalsMs = {
  heartbeat: 1_000,
  relay: 1_000,
  warm: 1_000,
  sweep: 5_000,
  reconcile: 5_000,
  observeStock: 10_000,
  observeLine: 10_000,
  observeRelay: 10_000,
  anchor: 60_000,
  forget: 60_000,
} as const

/** The errands of a sweeper. Each runs in a loop of its own: one that fails or takes long holds up no other. */
export type SweeperTasks = Readonly<Record<keyof typeof intervalsMs, () => Promise<unknown>>>

/**
 * Runs the errands until time is up: an EventBridge schedule cannot go below a minute, so an invocation goes on for two and overlaps
 * the next one, which is harmless.
 *
 * @param timeLeftMs milliseconds until the invocation must end; asked before each run
 */
export async function runTasks(errands: SweeperTasks, timeLeftMs: () => number): Promise<void> {
  const names = Object.keys(intervalsMs) as (keyof typeof intervalsMs)[]
  await Promise.all(names.map((name) => runErrand(name, errands[name], timeLeftMs)))
}

async function runErrand(
  name: keyof typeof intervalsMs,
  errand: () => Promise<unknown>,
  timeLeftMs: () => number,
): Promise<void> {
  while (timeLeftMs() > 0) {
    const nextMs = performance.now() + intervalsMs[name]
    try {
      await errand()
    } catch (error) {
      logger.error("An errand of the sweeper failed and is tried again", { errand: name, error: error as Error })
    }
    await pauseUntil(nextMs, timeLeftMs)
  }
}

/** Time between two looks at the time left: a process that is to end says so by leaving none. */
const lookIntervalMs = 500

async function pauseUntil(atMs: number, timeLeftMs: () => number): Promise<void> {
  for (let restMs = atMs - performance.now(); restMs > 0 && timeLeftMs() > 0; restMs = atMs - performance.now()) {
    await delay(Math.min(restMs, lookIntervalMs))
  }
}

/**
 * Notes that the database lives; after an outage has the holds extended by its length, for every SKU that has holds, before one can expire. A
 * SKU that cannot be extended holds up no other.
 */
export async function keepAlive(pool: Pool, applyCommand: ApplyCommand): Promise<void> {
  const skuNos = await signOfLife(pool)
  if (skuNos.length > 0) logger.warn("The database was away; holds are extended", { skus: skuNos.length })
  await forEachSku(
    "extend-holds",
    skuNos.map((skuNo) => ({ skuNo })),
    ({ skuNo }) => applyCommand(skuNo, { kind: "expire" }),
  )
}

/** Ends overdue holds, closes sales whose time has come, lets waiters of closed sales go. A SKU that fails holds up no other. */
export async function sweep(pool: Pool, applyCommand: ApplyCommand): Promise<void> {
  const due = await dueSkus(pool)
  for (const { lagMs } of due) if (lagMs > 0) record("expiry.lag", lagMs)
  await forEachSku("sweep", due, ({ skuNo, closes }) =>
    applyCommand(skuNo, closes ? { kind: "close", skuNo } : { kind: "expire" }),
  )
  count("sweep.completed")
}
