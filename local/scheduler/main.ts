import { setTimeout as delay } from "node:timers/promises"
import { z } from "zod"
import { functionConfig } from "../../core/adapters/config.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { collectMetrics, serveMetrics } from "../metrics/endpoint.ts"
import { createSchedule, type ScheduleOptions } from "./schedule.ts"

/** EventBridge has no shorter period than a minute. One invocation sweeps for two minutes, so a missing one leaves no gap. */
const periodMs = 60_000
const timeoutMs = 130_000
/** A sweep that hangs on an unavailable database does not keep the process from ending. */
const stopWithinMs = 10_000

const functionName = "expiry-sweeper"

const config = functionConfig({ LOCAL_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional() })

const collector = collectMetrics()
if (config.LOCAL_METRICS_PORT !== undefined) await serveMetrics(collector, config.LOCAL_METRICS_PORT)

const { handler } = (await import(`../../lambdas/${functionName}/handler.ts`)) as Pick<ScheduleOptions, "handler">
const schedule = createSchedule({ functionName, handler, periodMs, timeoutMs })
schedule.start()
announceReady({ function: functionName })

await stopRequested()
await Promise.race([schedule.stop(), delay(stopWithinMs)])
process.exit(0)
