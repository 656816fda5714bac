import { setTimeout as delay } from "node:timers/promises"
import { count, flushMetrics, logger } from "../../adapters/telemetry.ts"
import { withDeadline } from "../../concurrency/deadline.ts"
import { functionConfig, variable, warmUpEnvironment } from "../environment.ts"
import type { Runtime } from "../lifecycle.ts"
import { type PrepareRounds, warmUp } from "./warm-up.ts"

/** Environments that Lambda starts before there are requests for them, and lets initialise for minutes. */
const startedAhead: ReadonlySet<string> = new Set(["provisioned-concurrency", "lambda-managed-instances"])

/** How long an environment that is started ahead waits for its connections before it serves without them. */
const connectAheadMs = 10_000
/**
 * The same for one that a request waits for: Lambda gives it 10 s in all to initialise, and a shopper waits meanwhile. A part
 * that answers at all lets it connect within a second.
 */
export const connectOnDemandMs = 3_000

/**
 * Connects a function while Lambda initialises an environment, so that no request does it: an environment that is ready is
 * connected. When a part is down the environment serves all the same, and the next request connects.
 *
 * An environment that Lambda starts ahead first waits a random time (WARM_UP_SPREAD_MS), because all of them start at once, and
 * warms up. One that a request waits for does neither: Lambda itself bounds how many of those start a second, and the request is
 * served sooner.
 *
 * @param connect makes the connections that the first request would otherwise make
 */
export async function warmAtInit(
  runtime: Runtime<unknown>,
  prepare: PrepareRounds,
  connect: () => Promise<unknown> = runtime.warm,
): Promise<void> {
  const { WARM_UP, WARM_UP_SPREAD_MS } = functionConfig(warmUpEnvironment)
  // Lambda sets it. A local process holds several functions, and warms them up itself (local/host/warm-up.ts).
  const initialisation = variable("AWS_LAMBDA_INITIALIZATION_TYPE")
  if (WARM_UP === "off" || initialisation === undefined) return
  if (!startedAhead.has(initialisation)) return connectAtInit(connect, connectOnDemandMs)
  await delay(Math.random() * WARM_UP_SPREAD_MS)
  await warmAndReport([runtime], prepare)
  await connectAtInit(connect, connectAheadMs)
}

/** Makes the connections of a function, and counts whether they were made. Never throws. */
async function connectAtInit(connect: () => Promise<unknown>, withinMs: number): Promise<void> {
  try {
    await withDeadline(performance.now() + withinMs, connect(), `Not connected within ${withinMs / 1_000} s`)
    count("environment.connected")
  } catch (error) {
    count("environment.unconnected")
    logger.warn("A new environment serves without all of its connections; its requests make them", { error: error as Error })
  }
  // Lambda may stop the process until its first request.
  flushMetrics()
}

/** Warms up, and logs how it went. A failure is logged, too: the process serves all the same. */
export async function warmAndReport(runtimes: readonly Runtime<unknown>[], prepare: PrepareRounds): Promise<void> {
  try {
    const { tookMs, roundMs } = await warmUp(runtimes, prepare)
    const [firstMs = 0, lastMs = 0] = [roundMs[0], roundMs.at(-1)]
    logger.info("The process has warmed up", { tookMs, rounds: roundMs.length, firstRoundMs: firstMs, lastRoundMs: lastMs })
  } catch (error) {
    logger.warn("The warm-up failed; the first requests are slower than usual", { error: error as Error })
  }
}
