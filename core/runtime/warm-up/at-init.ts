import { setTimeout as delay } from "node:timers/promises"
import { logger } from "../../adapters/telemetry.ts"
import { functionConfig, variable, warmUpEnvironment } from "../environment.ts"
import type { Runtime } from "../lifecycle.ts"
import { type ApiHandler, sendToHandlers } from "./api-call.ts"
import { prepareShopperCalls } from "./shopper-calls.ts"
import { type PrepareRounds, warmUp } from "./warm-up.ts"

/** Environments that Lambda starts before there are requests for them, and lets initialise for minutes. */
const startedAhead: ReadonlySet<string> = new Set(["provisioned-concurrency", "lambda-managed-instances"])

/**
 * Warms a function while Lambda initialises an environment that no request waits for. Elsewhere it does nothing: a request that
 * waits for a new environment is served sooner without it.
 */
export async function warmAtInit(runtime: Runtime<unknown>, prepare: PrepareRounds): Promise<void> {
  const { WARM_UP, WARM_UP_SPREAD_MS } = functionConfig(warmUpEnvironment)
  if (WARM_UP === "off" || !startedAhead.has(variable("AWS_LAMBDA_INITIALIZATION_TYPE") ?? "")) return
  await delay(Math.random() * WARM_UP_SPREAD_MS)
  await warmAndReport([runtime], prepare)
  await runtime.warm().catch((error: unknown) => {
    logger.warn("The connections of a new environment could not be made; its first request connects", { error: error as Error })
  })
}

/** The same for a function behind the API. @param name its folder in lambdas/ */
export const warmApiAtInit = (name: string, runtime: Runtime<unknown>, handler: ApiHandler): Promise<void> =>
  warmAtInit(runtime, (world) =>
    prepareShopperCalls(
      world,
      new Set([name]),
      sendToHandlers(() => handler),
    ),
  )

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
