import { setTimeout as delay } from "node:timers/promises"
import { z } from "zod"
import { functionConfig } from "../../core/runtime/environment.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { closeFunctions, type FunctionModule } from "../host/runtimes.ts"
import { warmProcess } from "../host/warm-up.ts"
import { collectMetrics, serveMetrics } from "../metrics/endpoint.ts"
import { createSchedule, type ScheduleOptions } from "./schedule.ts"

/** EventBridge has no shorter period than a minute. */
const periodMs = 60_000
/** An invocation that hangs on an unavailable database does not keep the process from ending. */
const stopWithinMs = 10_000

/** The scheduled functions with their timeouts. One sweep lasts for two minutes, so a missing one leaves no gap. */
const timeoutsMs = { "expiry-sweeper": 130_000, "analytics-report": 70_000 } as const
type ScheduledName = keyof typeof timeoutsMs

const config = functionConfig({ LOCAL_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional() })

const collector = collectMetrics()
if (config.LOCAL_METRICS_PORT !== undefined) await serveMetrics(collector, config.LOCAL_METRICS_PORT)

interface ScheduledFunction extends FunctionModule, Pick<ScheduleOptions, "handler"> {
  /** Absent for a function that no shopper waits for. */
  readonly rounds?: PrepareRounds
}
const load = async (name: ScheduledName) => (await import(`../../lambdas/${name}/handler.ts`)) as ScheduledFunction

const functions = new Map<ScheduledName, ScheduledFunction>()
for (const name of Object.keys(timeoutsMs) as ScheduledName[]) functions.set(name, await load(name))
const schedules = [...functions].map(([functionName, { handler }]) =>
  createSchedule({ functionName, handler, periodMs, timeoutMs: timeoutsMs[functionName] }),
)
const warmWhileServing = await warmProcess(functions, functions.get("expiry-sweeper")?.rounds)
for (const schedule of schedules) schedule.start()
announceReady({ functions: [...functions.keys()] })
warmWhileServing()

await stopRequested()
await Promise.race([Promise.all(schedules.map((schedule) => schedule.stop())), delay(stopWithinMs)])
await closeFunctions(functions)
process.exit(0)
