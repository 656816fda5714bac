import { randomUUID } from "node:crypto"
import type { Context, EventBridgeEvent } from "aws-lambda"
import { logger } from "../../core/adapters/telemetry.ts"
import { asFunction } from "../host/function-in-work.ts"
import { lambdaContext, localAccount, localRegion } from "../host/lambda-context.ts"

export type ScheduledEvent = EventBridgeEvent<"Scheduled Event", Record<string, never>>

/** The event of an EventBridge rule with a schedule. */
export const scheduledEvent = (ruleName: string, at: Date): ScheduledEvent => ({
  version: "0",
  id: randomUUID(),
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account: localAccount,
  time: `${at.toISOString().slice(0, 19)}Z`,
  region: localRegion,
  resources: [`arn:aws:events:${localRegion}:${localAccount}:rule/${ruleName}`],
  detail: {},
})

export interface ScheduleOptions {
  readonly functionName: string
  readonly handler: (event: ScheduledEvent, context: Context) => Promise<unknown>
  readonly periodMs: number
  /** The function's timeout. It is longer than the period where invocations overlap. */
  readonly timeoutMs: number
}

export interface Schedule {
  /** Invokes the function at once and then every period, also when the previous invocation has not ended. */
  start(): void
  /** Starts no further invocation, sets the time left of the running ones to 0, and waits for them. */
  stop(): Promise<void>
}

/** An EventBridge schedule. A failed invocation is not repeated: the next one starts within the period. */
export function createSchedule({ functionName, handler, periodMs, timeoutMs }: ScheduleOptions): Schedule {
  const running = new Set<Promise<void>>()
  let stopping = false
  let timer: NodeJS.Timeout | undefined

  async function invoke(): Promise<void> {
    const endsAtMs = performance.now() + timeoutMs
    const context = lambdaContext(functionName, () => (stopping ? 0 : endsAtMs - performance.now()))
    try {
      await asFunction(functionName, () => handler(scheduledEvent(functionName, new Date()), context))
    } catch (error) {
      logger.error("A scheduled invocation failed", { function: functionName, error: error as Error })
    }
  }

  const begin = () => {
    const invocation = invoke().finally(() => running.delete(invocation))
    running.add(invocation)
  }

  return {
    start() {
      begin()
      timer = setInterval(begin, periodMs)
    },
    async stop() {
      stopping = true
      clearInterval(timer)
      await Promise.all(running)
    },
  }
}
