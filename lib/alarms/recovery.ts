import type { AlarmDefinition } from "./definition.ts"
import { awsMetric } from "./metric-spec.ts"

/** Alarms on how far the second region lags behind the first. */
export const recoveryAlarms = (databaseIdentifier: string): AlarmDefinition[] => [
  {
    heading: "StandbyLate",
    priority: "P1",
    condition:
      "the database of the second region is more than 30 s behind: a promotion now would lose more than the recovery point allows",
    metric: awsMetric("AWS/RDS", "ReplicaLag", { DBInstanceIdentifier: databaseIdentifier }, "Maximum"),
    above: 30,
    datapoints: 2,
    silence: "alarming",
  },
]
