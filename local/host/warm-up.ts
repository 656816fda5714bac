import { functionConfig, warmUpEnvironment } from "../../core/runtime/environment.ts"
import type { Runtime } from "../../core/runtime/lifecycle.ts"
import { warmAndReport } from "../../core/runtime/warm-up/at-init.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"
import { type FunctionModule, warmFunctions } from "./runtimes.ts"

type Functions = ReadonlyMap<string, Partial<FunctionModule>>

const { WARM_UP } = functionConfig(warmUpEnvironment)

/**
 * Brings the functions of this process to the state in which it serves: their hot paths have run, and their connections are
 * made. With WARM_UP=off the process serves at once, and makes its connections meanwhile. Call it before the process takes
 * work, and call the function that it returns afterwards.
 */
export async function warmProcess(functions: Functions, prepare: PrepareRounds | undefined): Promise<() => void> {
  if (WARM_UP === "off" || prepare === undefined) return () => void warmFunctions(functions)
  const runtimes = [...functions.values()].flatMap(({ runtime }): Runtime<unknown>[] => (runtime ? [runtime] : []))
  await warmAndReport(runtimes, prepare)
  await warmFunctions(functions)
  return () => {}
}
