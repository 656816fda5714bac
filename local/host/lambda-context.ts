import { randomUUID } from "node:crypto"
import type { Context } from "aws-lambda"
import { logGroupOf } from "../../core/contracts/ops.ts"

/** In ARNs, these stand where AWS puts the account and the region. */
export const localAccount = "000000000000"
export const localRegion = "local"

/** The memory that the service would give the function. Handlers see it; nothing enforces it here. */
const memoryMb = 1_024

/**
 * The second argument that AWS Lambda passes to a handler.
 *
 * @param functionName the folder in lambdas/
 * @param remainingMs milliseconds until the host abandons the invocation; never shown below 0
 */
export function lambdaContext(functionName: string, remainingMs: () => number): Context {
  const unused = () => {}
  return {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${localRegion}:${localAccount}:function:${functionName}`,
    awsRequestId: randomUUID(),
    memoryLimitInMB: String(memoryMb),
    logGroupName: logGroupOf(functionName),
    logStreamName: `local/${process.pid}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(remainingMs())),
    // The way to end an invocation before Node had promises; the type requires them, no handler here calls them.
    done: unused,
    fail: unused,
    succeed: unused,
  }
}
