import { setTimeout as delay } from "node:timers/promises"
import { z } from "zod"
import { functionConfig } from "../../core/runtime/environment.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { closeFunctions, type FunctionModule } from "../host/runtimes.ts"
import { warmProcess } from "../host/warm-up.ts"
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

type ScheduledFunction = FunctionModule & Pick<ScheduleOptions, "handler"> & { readonly rounds: PrepareRounds }
const sweeper = (await import(`../../lambdas/${functionName}/handler.ts`)) as ScheduledFunction
const schedule = createSchedule({ functionName, handler: sweeper.handler, periodMs, timeoutMs })
const warmWhileServing = await warmProcess(new Map([[functionName, sweeper]]), sweeper.rounds)
schedule.start()
announceReady({ function: functionName })
warmWhileServing()

await stopRequested()
await Promise.race([schedule.stop(), delay(stopWithinMs)])
await closeFunctions(new Map([[functionName, sweeper]]))
process.exit(0)
