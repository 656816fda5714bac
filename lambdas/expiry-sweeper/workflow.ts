import { setTimeout as delay } from "node:timers/promises"
import type { Pool } from "pg"
import { recordHeartbeat } from "../../core/adapters/postgres/hold-extension.ts"
import { dueSkus } from "../../core/adapters/postgres/sales.ts"
import { count, countWork, logger, record } from "../../core/adapters/telemetry.ts"
import { watched } from "../../core/adapters/watched-call.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { forEachSku } from "../../core/workflows/allocation/each-sku.ts"

/**
 * Milliseconds between two runs of each task. The heartbeat detects an outage, and shoppers wait for the relay and for Redis;
 * limits of time bound the others. What is observed must reach an alarm within 30 s of a fault (test/infra).
 */
const intervalsMs = {
  heartbeat: 1_000,
  relay: 1_000,
  warm: 1_000,
  steerLimits: 2_000,
  sweep: 5_000,
  reconcile: 5_000,
  observeStock: 5_000,
  observeQueue: 1_000,
  observeRelay: 5_000,
  observeGroups: 2_500,
  anchor: 60_000,
  findRefunds: 60_000,
  forget: 60_000,
} as const

/** The tasks of a sweeper. Each runs in a loop of its own: a task that fails or takes long does not delay the others. */
export type SweeperTasks = Readonly<Record<keyof typeof intervalsMs, () => Promise<unknown>>>

/**
 * Runs the tasks until time is up. The shortest interval of an EventBridge schedule is a minute: an invocation runs for two
 * minutes and overlaps the next one, which does no harm.
 *
 * @param timeLeftMs milliseconds until the invocation must end; called before each run
 */
export async function runTasks(tasks: SweeperTasks, timeLeftMs: () => number): Promise<void> {
  const names = Object.keys(intervalsMs) as (keyof typeof intervalsMs)[]
  const timeUp = new AbortController()
  await Promise.all([
    abortWhenTimeIsUp(timeUp, timeLeftMs),
    ...names.map((name) => runTask(name, tasks[name], timeLeftMs, timeUp.signal)),
  ])
}

async function runTask(
  name: keyof typeof intervalsMs,
  task: () => Promise<unknown>,
  timeLeftMs: () => number,
  timeUp: AbortSignal,
): Promise<void> {
  while (timeLeftMs() > 0 && !timeUp.aborted) {
    const nextMs = performance.now() + intervalsMs[name]
    try {
      await task()
      countWork(1)
    } catch (error) {
      countWork(0, 1)
      logger.error("A task of the sweeper failed; it runs again after its interval", { task: name, error: error as Error })
    }
    const restMs = Math.max(0, nextMs - performance.now())
    await delay(restMs, undefined, { signal: timeUp }).catch(() => {})
  }
}

/** Interval between two checks of the time left. A process that must end leaves none. */
const checkIntervalMs = 500

/** Ends the pauses of all tasks. One check for all of them: ten of their own would wake an idle process 20 times a second. */
async function abortWhenTimeIsUp(timeUp: AbortController, timeLeftMs: () => number): Promise<void> {
  for (let leftMs = timeLeftMs(); leftMs > 0; leftMs = timeLeftMs()) await delay(Math.min(leftMs, checkIntervalMs))
  timeUp.abort()
}

/**
 * Records that the database answers. After an outage it extends the holds of every SKU by the outage's length, before one of them
 * can expire. A SKU that fails does not delay the others.
 */
export async function keepAlive(pool: Pool, applyCommand: ApplyCommand): Promise<void> {
  // One transaction a second: it shows a slow database also when nobody buys.
  const skuNos = await watched("database", () => recordHeartbeat(pool))
  if (skuNos.length > 0)
    logger.warn("The database did not answer for a time; the holds of these SKUs are extended", { skus: skuNos.length })
  await forEachSku(
    "extend-holds",
    skuNos.map((skuNo) => ({ skuNo })),
    ({ skuNo }) => applyCommand(skuNo, { kind: "expire" }),
  )
}

/**
 * Expires overdue holds, closes sales whose closing time has passed, and lapses the waitlists of closed sales. A SKU that fails
 * does not delay the others.
 */
export async function sweep(pool: Pool, applyCommand: ApplyCommand): Promise<void> {
  const due = await dueSkus(pool)
  for (const { lagMs } of due) if (lagMs > 0) record("expiry.lag", lagMs)
  await forEachSku("sweep", due, ({ skuNo, closes }) =>
    applyCommand(skuNo, closes ? { kind: "close", skuNo } : { kind: "expire" }),
  )
  count("sweep.completed")
}
