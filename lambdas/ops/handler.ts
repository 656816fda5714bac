import type { Context } from "aws-lambda"
import { paymentEnvironment } from "../../core/adapters/payment/stripe.ts"
import { type OpsAnswer, requestOfFunction } from "../../core/contracts/ops.ts"
import { functionConfig, kafkaEnvironment, redisEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { answerInvocation } from "../../core/workflows/operations/answer-invocation.ts"
import { createOpsRuntime } from "./runtime.ts"
import { carryOut } from "./workflow.ts"

functionConfig({ ...stageEnvironment, ...redisEnvironment, ...kafkaEnvironment, ...paymentEnvironment })

export const runtime = createOpsRuntime()

/** Operators invoke this function through IAM; no route leads here. Long commands have lambdas/ops-checks. */
export const handler = (event: unknown, context: Context): Promise<OpsAnswer> =>
  answerInvocation({ accepts: requestOfFunction.ops, runtime, carryOut }, event, context)
