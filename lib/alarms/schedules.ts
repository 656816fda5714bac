import { warmFolders } from "../capacity/warm-targets.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import { databaseIsSlow, kafkaRefuses, redisIsAway } from "./causes.ts"
import type { AlarmDefinition } from "./definition.ts"
import { across, awsMetric, fastSeconds, formula, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** The queue of the schedules of a stack that could not start. */
export const failedSchedulesName = (stage: Pick<StageConfig, "name">, stack: "app" | "streaming"): string =>
  `flash-sale-${stage.name}-failed-schedules-${stack}`

/** Alarms on what runs by the clock, and on the environments that must be warm before a sale. */
export const scheduleAlarms = (stage: StageConfig): AlarmDefinition[] => [
  {
    heading: "ScheduleFailed",
    priority: "P1",
    condition: "EventBridge could not start a schedule: the sweeper, the warmer, the figures of analytics or a snapshot",
    metric: across(
      "SUM",
      (["app", "streaming"] as const).map((stack) =>
        awsMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: failedSchedulesName(stage, stack) }, "Maximum"),
      ),
      minuteSeconds,
    ),
    above: 0,
    datapoints: 1,
    silence: "fine",
    slowBecause: "the queue reports once a minute; a sweeper that does not run is seen by SweepLate",
  },
  ...warmingAlarms(stage),
]

/** A stage that warms nothing has environments that start for requests: there a failed connection is seen by its request. */
function warmingAlarms(stage: StageConfig): AlarmDefinition[] {
  const folders = warmFolders(stage)
  if (folders.length === 0) return []
  return [
    {
      heading: "WarmingFailed",
      priority: "P1",
      condition: "AWS refused to change the number of warm environments, or nothing looked at the sales, for 3 minutes",
      metric: formula(
        "IF(FILL(starts, 0) > 0, FILL(errors, 0), 1)",
        {
          starts: awsMetric("AWS/Lambda", "Invocations", { FunctionName: functionNameOf(stage, "warmer") }, "Sum"),
          errors: awsMetric("AWS/Lambda", "Errors", { FunctionName: functionNameOf(stage, "warmer") }, "Sum"),
        },
        minuteSeconds,
      ),
      above: 0,
      datapoints: 3,
      silence: "alarming",
      slowBecause: "the warmer runs once a minute, half an hour before a sale",
    },
    {
      heading: "EnvironmentsUnconnected",
      priority: "P1",
      condition: "a new environment serves without connections to PostgreSQL, Redis or Kafka",
      metric: across(
        "SUM",
        folders.map((folder) => saleMetric("environment.unconnected", folder, "Sum", fastSeconds)),
        fastSeconds,
      ),
      above: 0,
      datapoints: 1,
      silence: "fine",
      suppressedBy: [databaseIsSlow, redisIsAway, kafkaRefuses],
    },
  ]
}
