import { CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch"
import { paginateListSubscriptionsByTopic, SNSClient } from "@aws-sdk/client-sns"
import { cannotTell, type Finding, isNotOk, isOk, judged } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"
import { alarmName, deployedAlarmName } from "../../lib/alarms/definition.ts"
import { stageAlarms } from "../../lib/alarms/stage-alarms.ts"
import type { StageConfig } from "../../lib/config.ts"
import { alarmsOfStage } from "../alarms-of-stage.ts"
import { alarmChecks } from "./alarm-checks.ts"

/** The alarm that says how much storage PostgreSQL has left. */
const storageAlarm = "DatabaseStorageLow"

/** The alarms of a stage, where their messages go, and the free storage, which one of them watches. */
export function stageAlarmChecks(stage: StageConfig, mendPresence: string, pages: boolean): PreflightCheck[] {
  const { region } = stage
  const prefix = deployedAlarmName(stage.name, "")
  // One look serves all checks.
  let looked: Promise<MetricAlarm[]> | undefined
  const alarms = () => {
    looked ??= describe(new CloudWatchClient({ region }), prefix)
    return looked
  }
  const source = alarmsOfStage(stage.name)
  return [
    ...alarmChecks({ source: { list: source.list, test: source.test }, expected: namesOf(stage), mendPresence, pages }),
    {
      part: "alarms",
      items: ["actions enabled", "subscriptions confirmed"],
      lookWith: mendPresence,
      async run() {
        const all = await alarms()
        const off = all.flatMap(({ ActionsEnabled, AlarmName = "" }) => (ActionsEnabled === false ? [AlarmName] : []))
        const topics = new Set(
          all.flatMap(({ AlarmActions = [] }) => AlarmActions).filter((arn) => arn.startsWith("arn:aws:sns:")),
        )
        return [
          judged(
            off.map((name) => `${name} sends nothing`),
            `${all.length} alarms send`,
            mendPresence,
          ),
          await judgeSubscriptions(new SNSClient({ region }), [...topics], mendPresence),
        ]
      },
    },
    {
      part: "PostgreSQL",
      items: ["free storage"],
      lookWith: "ops alarms",
      async run() {
        const found = (await alarms()).find(({ AlarmName }) => AlarmName === `${prefix}${storageAlarm}`)
        if (found === undefined) return [cannotTell(`the alarm ${storageAlarm} does not exist`, mendPresence)]
        if (found.StateValue === "ALARM") return [isNotOk("less than a fifth of the storage is free", mendPresence)]
        return [
          found.StateValue === "OK" ? isOk("more than a fifth is free") : cannotTell("AWS has not measured it yet", mendPresence),
        ]
      },
    },
  ]
}

async function describe(client: CloudWatchClient, prefix: string): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = []
  const pages = paginateDescribeAlarms({ client }, { AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm"] })
  for await (const { MetricAlarms = [] } of pages) found.push(...MetricAlarms)
  return found
}

/** Every topic that alarms send to has somebody who gets its messages, and nobody there has still to confirm. */
async function judgeSubscriptions(client: SNSClient, topics: readonly string[], mend: string): Promise<Finding> {
  const faults = await Promise.all(
    topics.map(async (TopicArn) => {
      const name = TopicArn.split(":").at(-1)
      const arns: string[] = []
      for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn }))
        arns.push(...Subscriptions.map(({ SubscriptionArn = "" }) => SubscriptionArn))
      const open = arns.filter((arn) => !arn.startsWith("arn:")).length
      if (arns.length === 0) return [`nobody gets the messages of ${name}`]
      return open === 0 ? [] : [`${open} subscriptions of ${name} are not confirmed: open the link in the mail of AWS`]
    }),
  )
  if (topics.length === 0) return isNotOk("no alarm sends to a topic", mend)
  return judged(faults.flat(), `${topics.length} topics`, mend)
}

/** Names do not depend on what AWS calls the parts. */
export const namesOf = (stage: StageConfig): string[] => {
  const replicaIdentifiers = Array.from({ length: stage.database.analyticsReplicas }, () => "")
  const parts = { clusterName: "", databaseIdentifier: "", cacheMembers: [""], replicaIdentifiers }
  return stageAlarms(stage, { apiId: "", parts }).map(alarmName)
}
