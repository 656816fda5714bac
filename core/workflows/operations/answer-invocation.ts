import { answerCommand, type Commands } from "../../adapters/http/answer-command.ts"
import { flushBeforeFreeze, logger } from "../../adapters/telemetry.ts"
import type { OpsAnswer } from "../../contracts/ops.ts"
import type { OpsHost } from "./handlers.ts"

/** Margin at the end of the function's time: a command that takes too long still gets our own answer. */
const answerMarginMs = 10_000

/** What Lambda says of an invocation. */
interface Invocation {
  readonly awsRequestId: string
  getRemainingTimeInMillis(): number
}

/** Answers an invocation of a function, within its time. Its progress is in the function's log. */
export async function answerInvocation<Parts>(
  commands: Commands<Parts, OpsHost & { requestId: string }>,
  event: unknown,
  context: Invocation,
): Promise<OpsAnswer> {
  const timeLeftMs = Math.max(0, Math.floor(context.getRemainingTimeInMillis() - answerMarginMs))
  const answered = await answerCommand(commands, event, {
    requestId: context.awsRequestId,
    signal: AbortSignal.timeout(timeLeftMs),
    progress: (stage, read) =>
      logger.info("An operator's command makes progress", { request_id: context.awsRequestId, stage, ...read }),
  })
  flushBeforeFreeze()
  return answered
}
