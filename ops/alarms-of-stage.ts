import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import {
  type AlarmHistoryItem,
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch"
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs"
import { paginateListSubscriptionsByTopic, SNSClient } from "@aws-sdk/client-sns"
import { jsonOf } from "../core/contracts/json.ts"
import { logGroupOf } from "../core/contracts/ops.ts"
import { drillHeading, drillReason, pageDeliveredMessage } from "../core/contracts/pages.ts"
import { alarmName, deployedAlarmName } from "../lib/alarms/definition.ts"
import { functionNameOf } from "../lib/function-name.ts"
import { stageNamed } from "../lib/stages.ts"
import type { AlarmLine, AlarmSource } from "./alarm-source.ts"

/** CloudWatch Logs shows a line some seconds after it was written. */
const lookEveryMs = 3_000
const historyHours = 24

const states = { OK: "ok", ALARM: "alarm", INSUFFICIENT_DATA: "cannot tell" } as const

/** The alarms of a deployed stage, with the operator's own AWS credentials. @throws Error for an unknown stage */
export function alarmsOfStage(stageName: string): AlarmSource {
  const stage = stageNamed(stageName)
  const { region } = stage
  const cloudWatch = new CloudWatchClient({ region })
  const prefix = deployedAlarmName(stage.name, "")

  return {
    async list() {
      const lines: AlarmLine[] = []
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
        { client: cloudWatch },
        { AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm"] },
      )) {
        lines.push(...MetricAlarms.map((alarm) => lineOf(alarm, prefix)))
      }
      return lines
    },

    async history() {
      const items: AlarmHistoryItem[] = []
      const since = new Date(Date.now() - historyHours * 3_600_000)
      const asked = { HistoryItemType: "StateUpdate", StartDate: since, ScanBy: "TimestampAscending" } as const
      const types = { AlarmTypes: ["MetricAlarm" as const] }
      for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory(
        { client: cloudWatch },
        { ...asked, ...types },
      )) {
        items.push(...AlarmHistoryItems.filter(({ AlarmName = "" }) => AlarmName.startsWith(prefix)))
      }
      return items.map(({ Timestamp, AlarmName = "", HistorySummary = "" }) => ({
        at: Timestamp?.toISOString() ?? "",
        alarm: AlarmName.slice(prefix.length),
        state: HistorySummary.replace(/^Alarm updated from \w+ to (\w+).*$/s, "$1"),
        reason: HistorySummary,
      }))
    },

    async test(priority, withinMs) {
      const drill = randomUUID()
      const beganAtMs = Date.now()
      const name = deployedAlarmName(stage.name, alarmName({ heading: drillHeading, variant: priority }))
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))
      const [topicArn] = MetricAlarms[0]?.AlarmActions ?? []
      if (topicArn === undefined) throw new Error(`Stage ${stageName} has no alarm ${name}. Deploy its stack Observability first`)
      const mails = await mailsOf(new SNSClient({ region }), topicArn)
      await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: "ALARM", StateReason: drillReason(drill) }))
      const hasPager = stage.pagers?.[priority] !== undefined
      const logs = new CloudWatchLogsClient({ region })
      const group = logGroupOf(functionNameOf(stage, "pager"))
      const accepted = hasPager ? await acceptedPage(logs, { group, drill, beganAtMs, withinMs }) : undefined
      return { priority, drill, hasPager, mails, ...(accepted !== undefined && { accepted }) }
    },
  }
}

function lineOf(alarm: MetricAlarm, prefix: string): AlarmLine {
  const { AlarmName = "", AlarmDescription = "", StateValue = "INSUFFICIENT_DATA", StateReasonData } = alarm
  const { StateTransitionedTimestamp, StateUpdatedTimestamp, Threshold = 0, ComparisonOperator = "" } = alarm
  const since = StateTransitionedTimestamp ?? StateUpdatedTimestamp
  const data = jsonOf(StateReasonData ?? "") as { recentDatapoints?: number[] } | undefined
  const value = data?.recentDatapoints?.at(-1)
  const [, priority = "P2"] = /^(P[012]):/.exec(AlarmDescription) ?? []
  return {
    alarm: AlarmName.slice(prefix.length),
    priority: priority as AlarmLine["priority"],
    state: states[StateValue],
    ...(since && { since: since.toISOString() }),
    ...(value !== undefined && { value }),
    threshold: `${ComparisonOperator.startsWith("Less") ? "below" : "above"} ${Threshold}`,
    runbook: /Runbook: (\S+)$/.exec(AlarmDescription)?.[1] ?? "-",
  }
}

async function mailsOf(client: SNSClient, topicArn: string) {
  const mails: { address: string; isConfirmed: boolean }[] = []
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn })) {
    for (const { Protocol, Endpoint = "", SubscriptionArn } of Subscriptions) {
      if (Protocol === "email") mails.push({ address: Endpoint, isConfirmed: SubscriptionArn?.startsWith("arn:") ?? false })
    }
  }
  return mails
}

interface DrillLook {
  readonly group: string
  readonly drill: string
  readonly beganAtMs: number
  readonly withinMs: number
}

/** What the pager service called the page of a drill, from the pager's log; undefined when the deadline passes. */
async function acceptedPage(
  client: CloudWatchLogsClient,
  { group, drill, beganAtMs, withinMs }: DrillLook,
): Promise<string | undefined> {
  const filterPattern = `{ $.message = "${pageDeliveredMessage}" && $.drill = "${drill}" }`
  while (Date.now() < beganAtMs + withinMs) {
    const asked = { logGroupName: group, startTime: beganAtMs, filterPattern }
    const { events = [] } = await client.send(new FilterLogEventsCommand(asked))
    const line = jsonOf(events[0]?.message ?? "") as { pager?: string } | undefined
    if (line !== undefined) return line.pager ?? "without a key"
    await delay(lookEveryMs)
  }
  return undefined
}
