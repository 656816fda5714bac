import { createLambdaApi } from "../adapters/lambda/lambda-api.ts"
import { logger } from "../adapters/telemetry.ts"
import { warmerVariable } from "../contracts/warmth.ts"
import { variable } from "./environment.ts"
import { openRole } from "./role.ts"

/** An operator waits for it. */
const timeoutMs = 2_000

/**
 * Asks the function that keeps the stage warm to look at the sales now, and not within a minute. Call it after a change of what
 * it looks at. The local system has no such function. Never throws: the function looks every minute in any case.
 */
export async function askWarmer(): Promise<void> {
  const name = variable(warmerVariable)
  if (name === undefined) return
  try {
    const address = variable("AWS_ENDPOINT_URL_LAMBDA")
    await createLambdaApi({ ...openRole(), timeoutMs, ...(address !== undefined && { address }) })({
      method: "POST",
      path: `/2015-03-31/functions/${name}/invocations`,
      body: {},
      headers: { "x-amz-invocation-type": "Event" },
    })
  } catch (error) {
    logger.warn("The warmer could not be called; it looks at the sales within a minute", { error: error as Error })
  }
}
