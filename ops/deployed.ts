import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { opsFunctionName } from "../core/contracts/ops.ts"
import { stageNamed } from "../lib/stages.ts"
import { AnswerLost, type Transport } from "./client.ts"

/** Longer than the longest time a function may have: it answers for itself that it takes too long. */
const invocationTimeoutMs = 905_000
const connectTimeoutMs = 5_000
const stillRunningMs = 10_000

/** A command that did not reach the function. */
class InvocationFailed extends Error {
  override readonly name = "InvocationFailed"
}

/**
 * Has commands carried out by the function of a deployed stage, with the AWS credentials of whoever calls. The SDK tries
 * nothing a second time: what may be repeated is the client's to say. @throws Error for an unknown stage
 */
export function deployedTransport(stageName: string): Transport {
  const { name, region } = stageNamed(stageName)
  const where = { functionName: opsFunctionName(name), region, policy: `flash-sale-${name}-operators` }
  const client = new LambdaClient({
    region,
    maxAttempts: 1,
    requestHandler: { requestTimeout: invocationTimeoutMs, connectionTimeout: connectTimeoutMs },
  })
  return async (request) => {
    const begunAtMs = performance.now()
    const ticker = setInterval(() => {
      const seconds = Math.round((performance.now() - begunAtMs) / 1_000)
      process.stderr.write(`still at it after ${seconds} s; its progress is in the log group ${logGroupOf(where)}\n`)
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

const logGroupOf = ({ functionName }: Where) => `/aws/lambda/${functionName}`

/** The function ended without an answer: it ran out of time or memory, or could not start. */
function functionFailed(payload: string, requestId: string | undefined, where: Where): AnswerLost {
  const { errorType = "", errorMessage = "" } = JSON.parse(payload) as { errorType?: string; errorMessage?: string }
  const reason = [errorType, errorMessage].filter(Boolean).join(": ")
  return new AnswerLost(
    `${where.functionName} failed and did not answer (${reason}). Whether the command has taken effect is not known; see request ${requestId} in the log group ${logGroupOf(where)}.`,
  )
}

/** What AWS and its client say by name, and what to do about it. */
const explanations: Readonly<Record<string, (where: Where) => string>> = {
  CredentialsProviderError: () => "There are no AWS credentials: sign in, or set AWS_PROFILE.",
  ExpiredTokenException: () => "The AWS credentials have expired: sign in again.",
  UnrecognizedClientException: () => "AWS does not know these credentials.",
  InvalidSignatureException: () => "AWS does not accept these credentials: are they complete, and is the clock right?",
  AccessDeniedException: ({ functionName, policy }) =>
    `These credentials may not invoke ${functionName}: they need the policy ${policy}, in a session with a second factor.`,
  ResourceNotFoundException: ({ functionName, region }) =>
    `There is no function ${functionName} in ${region}: is the stage deployed, and are the credentials of its account?`,
  TooManyRequestsException: ({ functionName }) => `${functionName} is busy with other commands. Nothing was done; try again.`,
}

/** What AWS has refused was not done. After anything else, a connection that broke or a reply that did not come in time, nobody knows. */
function explained(error: Error, where: Where): InvocationFailed | AnswerLost {
  const explain = explanations[error.name]
  if (explain) return new InvocationFailed(explain(where), { cause: error })
  const { functionName } = where
  const lost = error.name === "TimeoutError" ? `${functionName} did not answer in time` : `${functionName}: ${error.name}`
  return new AnswerLost(`${lost}. Whether the command has taken effect is not known; see its log.`, { cause: error })
}
