import { flushBeforeFreeze } from "../../core/adapters/telemetry.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openWarmer } from "../../core/runtime/warmer-runtime.ts"
import { keepWarm } from "../../core/workflows/warming/keep-warm.ts"

functionConfig(stageEnvironment)

export const runtime = defineRuntime(openWarmer, { eager: true })

/**
 * Every minute, and when an operator opens a sale, extends holds or asks for warm environments: makes the number of warm
 * environments follow the sales.
 * @throws AggregateError when AWS refused some functions
 */
export async function handler(): Promise<void> {
  try {
    await keepWarm(await runtime.open())
  } finally {
    flushBeforeFreeze()
  }
}
