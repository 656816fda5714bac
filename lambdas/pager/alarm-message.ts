import * as z from "zod"

/** An event of SNS: the records of a topic, as Lambda gets them. */
export const TopicEvent = z.object({
  Records: z.array(z.object({ Sns: z.object({ TopicArn: z.string(), Message: z.string() }) })),
})
export type TopicEvent = z.output<typeof TopicEvent>

/** What CloudWatch publishes when an alarm, also a composite one, changes its state. */
export const AlarmMessage = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]),
  NewStateReason: z.string().nullish(),
  StateChangeTime: z.string(),
  Region: z.string(),
})
export type AlarmMessage = z.output<typeof AlarmMessage>

/** Our descriptions: `P0: the condition. Runbook: the address`. */
const description = /^(?:P\d: )?(.*?)(?:\. Runbook: (\S+))?$/s

/** The condition in words, and the address of the runbook's heading if the description has one. */
export function conditionOf(text: string): { readonly condition: string; readonly runbook?: string } {
  const [, condition = text, runbook] = description.exec(text) ?? []
  return runbook?.startsWith("http") ? { condition, runbook } : { condition }
}
