import type { Context } from "aws-lambda"
import { paymentEnvironment } from "../../core/adapters/payment/stripe.ts"
import { type OpsAnswer, requestOfFunction } from "../../core/contracts/ops.ts"
import { functionConfig, kafkaEnvironment, redisEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { answerInvocation } from "../../core/workflows/operations/answer-invocation.ts"
import { createChecksRuntime } from "./runtime.ts"
import { carryOutCheck } from "./workflow.ts"

functionConfig({ ...stageEnvironment, ...redisEnvironment, ...kafkaEnvironment, ...paymentEnvironment })

export const runtime = createChecksRuntime()

/** Operators invoke this function through IAM, for commands that may take many minutes. It changes nothing. */
export const handler = (event: unknown, context: Context): Promise<OpsAnswer> =>
  answerInvocation({ accepts: requestOfFunction["ops-checks"], runtime, carryOut: carryOutCheck }, event, context)
