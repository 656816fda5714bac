import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch"
import { doesNotApply, type Finding, judged } from "../../core/domain/preflight/line.ts"
import { saleMetric } from "../../lib/alarms/metric-spec.ts"
import { startsOf } from "../../lib/capacity/start-spread.ts"
import { warmFolders } from "../../lib/capacity/warm-targets.ts"
import type { StageConfig } from "../../lib/config.ts"

/** Environments are started half an hour before a sale, or by hand some hours before it. */
const lookBackMs = 6 * 60 * 60_000
const hourSeconds = 3_600

/**
 * Each environment, and on managed instances each of its threads, says at the end of its start whether it is connected to
 * PostgreSQL, Redis and Kafka. Right before a sale as many have said so as were asked for, and none has said that it is not.
 */
export async function judgeConnections(stage: StageConfig): Promise<Finding> {
  const folders = warmFolders(stage)
  if (folders.length === 0) return doesNotApply("the config of this stage asks for no warm environments")
  const [connected, unconnected] = await Promise.all([
    sums(stage, "environment.connected"),
    sums(stage, "environment.unconnected"),
  ])
  const faults = folders.flatMap((folder) => {
    const [asked, said, failed] = [startsOf(stage, folder), connected.get(folder) ?? 0, unconnected.get(folder) ?? 0]
    return [
      ...(failed > 0 ? [`${failed} starts of ${folder} ended unconnected`] : []),
      ...(said < asked ? [`${said} of ${asked} starts of ${folder} have said that they are connected`] : []),
    ]
  })
  return judged(faults, `${folders.length} functions`, "ops warm")
}

/** The sum of a counter of each function that has warm environments. @throws Error when AWS refuses */
async function sums(
  stage: StageConfig,
  name: "environment.connected" | "environment.unconnected",
): Promise<ReadonlyMap<string, number>> {
  const folders = warmFolders(stage)
  const nowMs = Date.now()
  const { MetricDataResults = [] } = await new CloudWatchClient({ region: stage.region }).send(
    new GetMetricDataCommand({
      StartTime: new Date(nowMs - lookBackMs),
      EndTime: new Date(nowMs),
      MetricDataQueries: folders.map((folder, index) => {
        const { namespace, dimensions } = saleMetric(name, folder, "Sum", hourSeconds)
        return {
          Id: `m${index}`,
          MetricStat: {
            Metric: {
              ...{ Namespace: namespace, MetricName: name },
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            ...{ Period: hourSeconds, Stat: "Sum" },
          },
        }
      }),
    }),
  )
  return new Map(
    folders.map((folder, index) => {
      const { Values = [] } = MetricDataResults.find(({ Id }) => Id === `m${index}`) ?? {}
      return [folder, Values.reduce((total, value) => total + value, 0)]
    }),
  )
}
