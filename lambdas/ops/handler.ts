import type { Context } from "aws-lambda"
import { functionConfig, kafkaEnvironment, redisEnvironment, stageEnvironment } from "../../core/adapters/config.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import type { OpsAnswer } from "../../core/contracts/ops.ts"
import { answer } from "./answer.ts"
import { opsRuntime } from "./runtime.ts"

functionConfig({ ...stageEnvironment, ...redisEnvironment, ...kafkaEnvironment })
const runtime = opsRuntime()

/** Kept back of the function's time, so that a command that takes too long is answered in our words. */
const answerMarginMs = 10_000

/** Invoked by operators through IAM; no route leads here. */
export function handler(event: unknown, context: Context): Promise<OpsAnswer> {
  const timeLeftMs = Math.max(0, Math.floor(context.getRemainingTimeInMillis() - answerMarginMs))
  return answer(runtime, event, {
    requestId: context.awsRequestId,
    signal: AbortSignal.timeout(timeLeftMs),
    progress: (stage, read) => logger.info("Verifying a sale", { request_id: context.awsRequestId, stage, ...read }),
  })
}
