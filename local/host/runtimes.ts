import { setTimeout as delay } from "node:timers/promises"
import { logger } from "../../core/adapters/telemetry.ts"
import type { Runtime } from "../../core/runtime/lifecycle.ts"

/** The module of a function, as Lambda and the local processes load it. */
export interface FunctionModule {
  readonly runtime: Runtime<unknown>
}

/** A part that does not close, because its server hangs, does not keep a process from ending. */
const closeWithinMs = 5_000

/**
 * Makes the first connections of functions before their first request needs them. A failure is logged: the request will
 * connect.
 */
export async function warmFunctions(functions: ReadonlyMap<string, Partial<FunctionModule>>): Promise<void> {
  const warm = async ([name, { runtime }]: [string, Partial<FunctionModule>]) => {
    try {
      await runtime?.warm()
    } catch (error) {
      logger.warn("A function could not be warmed; its first request connects", { function: name, error: error as Error })
    }
  }
  await Promise.all([...functions].map(warm))
}

/** Closes what functions have opened, when their process ends. It returns in bounded time; a failure is logged. */
export async function closeFunctions(functions: ReadonlyMap<string, Partial<FunctionModule>>): Promise<void> {
  const close = async ([name, { runtime }]: [string, Partial<FunctionModule>]) => {
    try {
      await runtime?.close()
    } catch (error) {
      logger.warn("A function could not be closed; its process ends all the same", { function: name, error: error as Error })
    }
  }
  await Promise.race([Promise.all([...functions].map(close)), delay(closeWithinMs, undefined, { ref: false })])
}
