import { randomUUID } from "node:crypto"
import type { Context } from "aws-lambda"

/** Names that stand in ARNs where AWS puts an account and a region. */
export const localAccount = "000000000000"
export const localRegion = "local"

/** What the service would give the function; shown to handlers, enforced by nobody here. */
const memoryMb = 1_024

/**
 * What AWS Lambda passes to a handler beside the event.
 *
 * @param functionName the folder in lambdas/
 * @param remainingMs milliseconds until the host gives the invocation up; never shown below 0
 */
export function lambdaContext(functionName: string, remainingMs: () => number): Context {
  const unused = () => {}
  return {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${localRegion}:${localAccount}:function:${functionName}`,
    awsRequestId: randomUUID(),
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: `local/${process.pid}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(remainingMs())),
    // Node's way of ending an invocation before promises; the type wants them, no handler here calls them.
    done: unused,
    fail: unused,
    succeed: unused,
  }
}
