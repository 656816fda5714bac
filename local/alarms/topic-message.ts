import { randomUUID } from "node:crypto"
import type { PagedPriority } from "../../core/contracts/pages.ts"
import { type AlarmDefinition, alarmName, deployedAlarmName } from "../../lib/alarms/definition.ts"
import { localAccount, localRegion } from "../host/lambda-context.ts"

/** The stage in the names of local alarms. */
const localStage = "local"

/** The ARN of the topic of a priority, which is nowhere but in the environment of the pager. */
export const topicArnOf = (priority: PagedPriority): string => `arn:aws:sns:${localRegion}:${localAccount}:alarms-${priority}`

export interface AlarmChange {
  readonly alarm: Pick<AlarmDefinition, "heading" | "variant" | "priority" | "condition">
  readonly state: "alarm" | "ok"
  readonly reason: string
  readonly atMs: number
}

/** What SNS delivers to a function when CloudWatch has published a changed alarm. */
export function topicEvent({ alarm, state, reason, atMs }: AlarmChange) {
  const message = {
    AlarmName: deployedAlarmName(localStage, alarmName(alarm)),
    AlarmDescription: `${alarm.priority}: ${alarm.condition}. Runbook: docs/RUNBOOK.md#${alarm.heading.toLowerCase()}`,
    NewStateValue: state === "alarm" ? "ALARM" : "OK",
    NewStateReason: reason,
    StateChangeTime: new Date(atMs).toISOString(),
    Region: localRegion,
  }
  return {
    Records: [
      {
        EventSource: "aws:sns",
        Sns: { MessageId: randomUUID(), TopicArn: topicArnOf(alarm.priority), Message: JSON.stringify(message) },
      },
    ],
  }
}
