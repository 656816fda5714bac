import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { functionOf, logGroupOf, opsFunctionName } from "../core/contracts/ops.ts"
import { stageNamed } from "../lib/stages.ts"
import { AnswerLost, type Transport } from "./client.ts"

/** Longer than the longest time of a function: the function itself answers that a command takes too long. */
const invocationTimeoutMs = 905_000
const connectTimeoutMs = 5_000
const stillRunningMs = 10_000

/** A command did not reach the function. */
class InvocationFailed extends Error {
  override readonly name = "InvocationFailed"
}

/**
 * Sends commands to the functions of a deployed stage, with the operator's AWS credentials. The SDK repeats nothing: the client
 * (client.ts) decides which command may be sent again. @throws Error for an unknown stage
 */
export function deployedTransport(stageName: string): Transport {
  const { name, region } = stageNamed(stageName)
  const client = new LambdaClient({
    region,
    maxAttempts: 1,
    requestHandler: { requestTimeout: invocationTimeoutMs, connectionTimeout: connectTimeoutMs },
  })
  return async (request) => {
    const functionName = opsFunctionName(name, functionOf(request.command))
    const where = { functionName, region, policy: `flash-sale-${name}-operators` }
    const begunAtMs = performance.now()
    const ticker = setInterval(() => {
      const seconds = Math.round((performance.now() - begunAtMs) / 1_000)
      process.stderr.write(
        `the command still runs after ${seconds} s; see its progress in the log group ${logGroupOf(where.functionName)}\n`,
      )
    }, stillRunningMs)
    try {
      const command = new InvokeCommand({ FunctionName: where.functionName, Payload: JSON.stringify(request) })
      const { FunctionError, Payload, $metadata } = await client.send(command)
      const payload = Payload?.transformToString() ?? ""
      if (FunctionError !== undefined) throw functionFailed(payload, $metadata.requestId, where)
      return JSON.parse(payload)
    } catch (error) {
      throw error instanceof AnswerLost ? error : explained(error as Error, where)
    } finally {
      clearInterval(ticker)
    }
  }
}

interface Where {
  readonly functionName: string
  readonly region: string
  readonly policy: string
}

/** The function ended without an answer: it ran out of time or memory, or it could not start. */
function functionFailed(payload: string, requestId: string | undefined, where: Where): AnswerLost {
  const { errorType = "", errorMessage = "" } = JSON.parse(payload) as { errorType?: string; errorMessage?: string }
  const reason = [errorType, errorMessage].filter(Boolean).join(": ")
  return new AnswerLost(
    `${where.functionName} failed and did not answer (${reason}). The command may have taken effect: see request ${requestId} in the log group ${logGroupOf(where.functionName)}.`,
  )
}

/** By the error name of AWS or its client: what is wrong, and what to do. */
const explanations: Readonly<Record<string, (where: Where) => string>> = {
  CredentialsProviderError: () => "There are no AWS credentials: sign in, or set AWS_PROFILE.",
  ExpiredTokenException: () => "The AWS credentials have expired: sign in again.",
  UnrecognizedClientException: () => "AWS does not know these credentials: sign in again, or choose another AWS_PROFILE.",
  InvalidSignatureException: () =>
    "AWS does not accept these credentials: check that they are complete, and that the clock of this machine is right.",
  AccessDeniedException: ({ functionName, policy }) =>
    `These credentials may not invoke ${functionName}: they need the policy ${policy}, in a session with a second factor.`,
  ResourceNotFoundException: ({ functionName, region }) =>
    `There is no function ${functionName} in ${region}: check that the stage is deployed, and that the credentials belong to its account.`,
  TooManyRequestsException: ({ functionName }) => `${functionName} is busy with other commands. Nothing was done; try again.`,
}

/**
 * A command that AWS refused was not done. After any other error, such as a broken connection or a timeout, it may have been
 * done.
 */
function explained(error: Error, where: Where): InvocationFailed | AnswerLost {
  const explain = explanations[error.name]
  if (explain) return new InvocationFailed(explain(where), { cause: error })
  const { functionName } = where
  const lost = error.name === "TimeoutError" ? `${functionName} did not answer in time` : `${functionName}: ${error.name}`
  return new AnswerLost(`${lost}. The command may have taken effect: see its log in ${logGroupOf(where.functionName)}.`, {
    cause: error,
  })
}
