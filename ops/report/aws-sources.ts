import { CloudWatchClient, paginateDescribeAlarmHistory } from "@aws-sdk/client-cloudwatch"
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs"
import * as z from "zod"
import { jsonOf } from "../../core/contracts/json.ts"
import { maxFlaggedAccounts } from "../../core/contracts/operations/report.ts"
import { deployedFunctionName, logGroupOf } from "../../core/contracts/ops.ts"
import { type AlarmDefinition, alarmName, deployedAlarmName } from "../../lib/alarms/definition.ts"
import type { StageConfig } from "../../lib/config.ts"
import { awsHistory } from "./aws-history.ts"
import type { Tripped } from "./schema.ts"
import { type FlaggedInLog, flaggedMessage, leftOutMessage, type ReportSources, runbookOf } from "./sources.ts"
import type { Window } from "./window.ts"

/** Pages of the log that are read: a flood of flagged clients must not make a report without end. */
const maxLogPages = 40

/**
 * The sources of a deployed stage, read with the operator's credentials: CloudWatch's metrics, alarms and logs.
 * @param definitions the alarms of the stage, for their conditions and headings
 */
export function awsSources({ name, region }: StageConfig, definitions: readonly AlarmDefinition[]): ReportSources {
  const metrics = new CloudWatchClient({ region })
  const logs = new CloudWatchLogsClient({ region })
  const prefix = deployedAlarmName(name, "")
  const byName = new Map(definitions.map((definition) => [`${prefix}${alarmName(definition)}`, definition]))
  return {
    history: awsHistory(metrics),
    tripped: (window) => trippedIn(metrics, byName, window),
    async flagged(window) {
      const found = await Promise.all(
        ["reserve", "reserve-batch"].map((folder) => flaggedIn(logs, logGroupOf(deployedFunctionName(name, folder)), window)),
      )
      return {
        users: new Set(found.flatMap(({ users }) => [...users])),
        leftOut: found.reduce((sum, { leftOut }) => sum + leftOut, 0),
      }
    },
  }
}

const Change = z.looseObject({ newState: z.looseObject({ stateValue: z.string() }) })

/** An alarm is in alarm from a change to ALARM until its next change, also if one of both is outside the window. */
async function trippedIn(
  client: CloudWatchClient,
  byName: ReadonlyMap<string, AlarmDefinition>,
  { fromMs, toMs }: Window,
): Promise<Tripped[]> {
  const tripped: Tripped[] = []
  const open = new Map<string, Tripped>()
  const seen = new Set<string>()
  const pages = paginateDescribeAlarmHistory(
    { client, pageSize: 100 },
    {
      HistoryItemType: "StateUpdate",
      StartDate: new Date(fromMs),
      EndDate: new Date(toMs),
      ScanBy: "TimestampAscending",
    },
  )
  for await (const { AlarmHistoryItems = [] } of pages) {
    for (const { AlarmName = "", Timestamp, HistoryData = "" } of AlarmHistoryItems) {
      const definition = byName.get(AlarmName)
      const change = Change.safeParse(jsonOf(HistoryData))
      if (definition === undefined || Timestamp === undefined || !change.success) continue
      const begin = (at: Date): Tripped => {
        const began = trippedAt(definition, at)
        tripped.push(began)
        return began
      }
      const at = Timestamp.toISOString()
      if (change.data.newState.stateValue === "ALARM") open.set(AlarmName, open.get(AlarmName) ?? begin(Timestamp))
      else {
        const known =
          open.get(AlarmName) ?? (seen.has(AlarmName) || !wasInAlarm(HistoryData) ? undefined : begin(new Date(fromMs)))
        if (known !== undefined) Object.assign(known, { to: at })
        open.delete(AlarmName)
      }
      seen.add(AlarmName)
    }
  }
  return tripped
}

const Before = z.looseObject({ oldState: z.looseObject({ stateValue: z.string() }) })
const wasInAlarm = (data: string): boolean => Before.safeParse(jsonOf(data)).data?.oldState.stateValue === "ALARM"

const trippedAt = (definition: AlarmDefinition, at: Date): Tripped => ({
  alarm: alarmName(definition),
  priority: definition.priority,
  condition: definition.condition,
  from: at.toISOString(),
  to: null,
  sent: null,
  runbook: runbookOf(definition.heading),
})

const Line = z.looseObject({ user: z.string().optional(), left_out: z.number().optional() })

async function flaggedIn(client: CloudWatchLogsClient, logGroupName: string, { fromMs, toMs }: Window): Promise<FlaggedInLog> {
  const users = new Set<string>()
  let [leftOut, page] = [0, 0]
  const pages = paginateFilterLogEvents(
    { client },
    {
      logGroupName,
      startTime: fromMs,
      endTime: toMs,
      filterPattern: `{ $.message = "${flaggedMessage}" || $.message = "${leftOutMessage}" }`,
    },
  )
  for await (const { events = [] } of pages) {
    for (const { message = "" } of events) {
      const line = Line.safeParse(jsonOf(message)).data
      if (line?.user !== undefined) users.add(line.user)
      leftOut += line?.left_out ?? 0
    }
    page += 1
    if (page >= maxLogPages || users.size >= maxFlaggedAccounts) break
  }
  return { users, leftOut }
}
