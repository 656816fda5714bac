import type { AlarmDefinition } from "./definition.ts"
import { awsMetric } from "./metric-spec.ts"

/** What may be lost with the first region, in seconds of work: the recovery point. */
const recoveryPointSeconds = 30

/** What holds the copies of the second region, by the names under which AWS reports it. */
export interface StandbyParts {
  readonly databaseIdentifier: string
  readonly replicatorName: string
}

/** Alarms on how far the second region lags behind the first. AWS reports both lags once a minute, to the second region. */
export const recoveryAlarms = ({ databaseIdentifier, replicatorName }: StandbyParts): AlarmDefinition[] => [
  {
    heading: "StandbyLate",
    priority: "P1",
    condition:
      "the database of the second region is more than 30 s behind: a promotion now would lose more than the recovery point allows",
    metric: awsMetric("AWS/RDS", "ReplicaLag", { DBInstanceIdentifier: databaseIdentifier }, "Maximum"),
    above: recoveryPointSeconds,
    datapoints: 2,
    silence: "alarming",
    slowBecause: "RDS reports once a minute, and no sale depends on the second region",
  },
  {
    heading: "ReplicatorLate",
    priority: "P1",
    condition: "records reach the second region more than 30 s after the first: a promotion now would lose them",
    metric: awsMetric("AWS/Kafka", "ReplicationLatency", { ReplicatorName: replicatorName }, "Maximum"),
    above: recoveryPointSeconds * 1_000,
    datapoints: 2,
    silence: "fine",
    slowBecause: "the replicator reports once a minute, and no sale depends on the second region",
  },
  {
    heading: "ReplicatorLate",
    variant: "silent",
    priority: "P1",
    condition: "the replicator has not said for 5 min how many records it lacks: it does not run",
    metric: awsMetric("AWS/Kafka", "MessageLag", { ReplicatorName: replicatorName }, "Maximum"),
    // Only silence raises it: how many records may wait depends on the rate, and the latency is the measure.
    above: Number.MAX_SAFE_INTEGER,
    datapoints: 5,
    silence: "alarming",
    slowBecause: "the replicator reports once a minute, and no sale depends on the second region",
  },
]
