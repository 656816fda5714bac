import type { Context } from "aws-lambda"
import { paymentEnvironment } from "../../core/adapters/payment/stripe.ts"
import { flushBeforeFreeze, logger } from "../../core/adapters/telemetry.ts"
import type { OpsAnswer } from "../../core/contracts/ops.ts"
import { functionConfig, kafkaEnvironment, redisEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { answer } from "./answer.ts"
import { createOpsRuntime } from "./runtime.ts"

functionConfig({ ...stageEnvironment, ...redisEnvironment, ...kafkaEnvironment, ...paymentEnvironment })

export const runtime = createOpsRuntime()

/** Margin at the end of the function's time: a command that takes too long still gets our own answer. */
const answerMarginMs = 10_000

/** Operators invoke this function through IAM; no route leads here. */
export async function handler(event: unknown, context: Context): Promise<OpsAnswer> {
  const timeLeftMs = Math.max(0, Math.floor(context.getRemainingTimeInMillis() - answerMarginMs))
  const answered = await answer(runtime, event, {
    requestId: context.awsRequestId,
    signal: AbortSignal.timeout(timeLeftMs),
    progress: (stage, read) =>
      logger.info("An operator's command makes progress", { request_id: context.awsRequestId, stage, ...read }),
  })
  flushBeforeFreeze()
  return answered
}
