import { suspendTelemetry } from "../../adapters/telemetry.ts"
import type { Runtime } from "../lifecycle.ts"
import { type Round, type SteadyLimits, steadyLimits, untilSteady } from "./until-steady.ts"
import { inWarmUpWorld, type WarmUpWorld } from "./world.ts"

/** Prepares the work of a warm-up in its world. @returns does one round of it */
export type PrepareRounds = (world: WarmUpWorld) => Promise<Round>

/** How a warm-up went. */
export interface WarmUpReport {
  readonly tookMs: number
  /** Processor time of each round in milliseconds. The last ones are steady, unless time was up. */
  readonly roundMs: readonly number[]
}

/**
 * Runs the hot paths of a process before it serves, until they stop getting faster: V8 compiles them for the values that
 * they get. The functions are the real ones, wired to a world of their own. It touches no sale, no shopper's limit and no
 * catalogue, writes no metric, and leaves nothing behind. Afterwards the runtimes are closed; they open again in the
 * process's own environment.
 *
 * @param runtimes those of all functions of the process
 * @throws the errors of PostgreSQL, Redis and Kafka; the process may serve all the same
 */
export async function warmUp(
  runtimes: readonly Runtime<unknown>[],
  prepare: PrepareRounds,
  limits: SteadyLimits = steadyLimits,
): Promise<WarmUpReport> {
  const startedMs = performance.now()
  const resumeTelemetry = suspendTelemetry()
  try {
    await closeAll(runtimes)
    const roundMs = await inWarmUpWorld(async (world) => {
      try {
        // V8 compiles a function for its first instance alone until there is a second one. The parts of the process
        // will be others.
        await openAll(runtimes)
        await closeAll(runtimes)
        return await untilSteady(await prepare(world), limits)
      } finally {
        await closeAll(runtimes)
      }
    })
    return { tookMs: performance.now() - startedMs, roundMs }
  } finally {
    resumeTelemetry()
  }
}

const openAll = (runtimes: readonly Runtime<unknown>[]) => Promise.all(runtimes.map((runtime) => runtime.open()))

const closeAll = (runtimes: readonly Runtime<unknown>[]) => Promise.all(runtimes.map((runtime) => runtime.close()))
