import * as z from "zod"

/** The services that the pager knows, by the form of their events. Jira Service Management takes Opsgenie's form, too. */
export const pagerServices = ["pagerduty", "opsgenie"] as const

export const pagedPriorities = ["P0", "P1", "P2"] as const
export type PagedPriority = (typeof pagedPriorities)[number]

/** Whom the alarms of one topic page: a member of PAGERS, by the ARN of the topic. */
const PagedTopic = z.strictObject({
  priority: z.enum(pagedPriorities),
  service: z.enum(pagerServices),
  /** The address of the service's events, where it is not the service's own. */
  url: z.url().optional(),
})
export type PagedTopic = z.output<typeof PagedTopic>

/** The variable PAGERS: JSON, by the ARN of the topic. */
export const PagedTopics = z.record(z.string(), PagedTopic)
export type PagedTopics = z.output<typeof PagedTopics>

/** The secret PAGER_KEYS: JSON, the key of the service by priority. */
export const PagerKeys = z.partialRecord(z.enum(pagedPriorities), z.string().min(1))
export type PagerKeys = z.output<typeof PagerKeys>

/** The message of the log line that `ops alarms test` waits for. Its members: alarm, priority, state, drill, pager. */
export const pageDeliveredMessage = "A page was delivered: the pager service has accepted it"

/** The runbook's heading of the alarms that are there for tests of the way of a page. */
export const drillHeading = "AlarmDrill"

const drillPrefix = "Drill "
const drillPattern = new RegExp(`^${drillPrefix}([0-9a-f-]{36})`)

/** The reason that a drill gives to its alarm; it carries the drill's id through CloudWatch and SNS. */
export const drillReason = (drill: string): string =>
  `${drillPrefix}${drill}: a test of the way of a page. There is nothing to do.`

/** The id of a drill in the reason of an alarm; undefined for a real alarm. */
export const drillOf = (reason: string): string | undefined => drillPattern.exec(reason)?.[1]
