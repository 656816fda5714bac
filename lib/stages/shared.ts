import { consumerGroups, type EventSourceConfig, type GroupName } from "../../core/contracts/consumer-groups.ts"
import type { StageConfig } from "../config.ts"

/** The table of consumer groups, as the local run reads it too. */
export const eventSources = Object.fromEntries(
  Object.entries(consumerGroups).map(([group, { eventSource }]) => [group, eventSource]),
) as Record<GroupName, EventSourceConfig>

/** The times of lambdas/expiry-sweeper; a test compares the two. */
export const expiry: StageConfig["expiry"] = { sweepIntervalSeconds: 5, invocationSeconds: 120, scheduleSeconds: 60 }

/**
 * Managed instances take minutes to start, and traffic that more than doubles within five minutes of that may be throttled
 * (docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html): half an hour leaves time to look and to act. The
 * last holds end two minutes after the close.
 */
export const warmUp: StageConfig["warmUp"] = { minutesBefore: 30, minutesAfter: 5 }
