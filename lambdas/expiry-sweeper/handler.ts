import type { Context } from "aws-lambda"
import { flushMetrics } from "../../core/adapters/telemetry.ts"
import { runtime } from "./runtime.ts"
import { prepareTasks } from "./warm-up.ts"
import { runTasks } from "./workflow.ts"

export { runtime }

/** An invocation ends itself after this; the next one has begun by then. */
const invocationMs = 120_000
/** Margin at the end of the invocation for work in progress. */
const endMarginMs = 5_000

/** Every minute: expires holds, closes sales, publishes the ledger, keeps Redis warm, reconciles payments. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  const endsAtMs = performance.now() + invocationMs
  const timeLeftMs = () => Math.min(endsAtMs - performance.now(), context.getRemainingTimeInMillis() - endMarginMs)
  await runTasks(await runtime.open(), timeLeftMs)
  flushMetrics()
}

export const rounds = prepareTasks(runtime.open)
