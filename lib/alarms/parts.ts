import { slowAfterMs } from "../../core/contracts/metrics.ts"
import { brokerLimits } from "../capacity/limits.ts"
import type { StageConfig } from "../config.ts"
import { writerStands } from "./causes.ts"
import type { AlarmDefinition } from "./definition.ts"
import { across, awsMetric, fastSeconds, formula, minuteSeconds, type OneMetric, saleMetric, shareOf } from "./metric-spec.ts"

/** The names under which AWS reports the parts that hold data. */
export interface WatchedParts {
  readonly clusterName: string
  readonly databaseIdentifier: string
  /** `<replication group>-001` and so on: ElastiCache reports by member. */
  readonly cacheMembers: readonly string[]
  /** The copies of the database for analysts. */
  readonly replicaIdentifiers: readonly string[]
}

const GiB = 1024 ** 3

/** @throws Error that names the known sizes */
function ingressOf(instanceType: string): number {
  const limits = brokerLimits[instanceType]
  if (limits !== undefined) return limits.ingressBytesPerSecond
  throw new Error(
    `The ingress limit of a broker "${instanceType}" is not known. Known types: ${Object.keys(brokerLimits).join(", ")}. Add it to lib/capacity/limits.ts, from the MSK quotas, before BrokerNetworkHigh can watch it.`,
  )
}

/** Alarms on PostgreSQL, Kafka and Redis. */
export const partAlarms = (stage: StageConfig, parts: WatchedParts): AlarmDefinition[] => [
  ...databaseAlarms(stage.database, parts.databaseIdentifier),
  ...replicaAlarms(parts.replicaIdentifiers),
  ...kafkaAlarms(stage, parts.clusterName),
  ...cacheAlarms(parts.cacheMembers),
]

/** Functions whose transactions take the locks of a sale. The sweeper's heartbeat is a transaction every second. */
const lockTakers = ["batch-writer", "checkout"] as const
const transacting = [...lockTakers, "expiry-sweeper"] as const
/** Above half of the transactions it is the database, and not one SKU or one query. */
const slowTransactionsPercent = 50
const fewTransactions = { all: 5, part: 3 }

/**
 * A database that slows everything pages once, and instead of its symptoms. The alarm of the standard on the writer's p99 stays
 * beside it, for the slow drift that nobody has to get up for.
 */
const slowDatabase: AlarmDefinition = {
  heading: "DatabaseLatencyHigh",
  variant: "page",
  priority: "P1",
  condition: `more than ${slowTransactionsPercent} % of the transactions of the writer, of checkout or of the sweeper take longer than ${slowAfterMs.database} ms`,
  metric: formula(
    `MAX([${transacting.map((_, index) => shareOf({ part: `slow${index + 1}`, all: `timed${index + 1}` }, fewTransactions)).join(", ")}])`,
    Object.fromEntries(
      transacting.flatMap((service, index) => [
        [`timed${index + 1}`, saleMetric("database.timed", service, "Sum", fastSeconds)],
        [`slow${index + 1}`, saleMetric("database.slow", service, "Sum", fastSeconds)],
      ]),
    ),
    fastSeconds,
  ),
  above: slowTransactionsPercent,
  datapoints: 1,
  silence: "fine",
  suppressedBy: [...writerStands],
}

function databaseAlarms(database: StageConfig["database"], identifier: string): AlarmDefinition[] {
  const dimensions = { DBInstanceIdentifier: identifier }
  return [
    {
      heading: "DatabaseConnectionsHigh",
      priority: "P2",
      condition: `more than 80 % of the ${database.maxConnections} connections are open`,
      metric: awsMetric("AWS/RDS", "DatabaseConnections", dimensions, "Maximum"),
      above: database.maxConnections * 0.8,
      datapoints: 3,
      silence: "fine",
    },
    slowDatabase,
    {
      heading: "DatabaseLatencyHigh",
      priority: "P2",
      condition: "a transaction of the writer takes more than 200 ms at p99",
      metric: saleMetric("database.latency", "batch-writer", "p99", minuteSeconds),
      above: 200,
      datapoints: 3,
      silence: "fine",
    },
    {
      heading: "LockWaitHigh",
      priority: "P2",
      condition: "the writer, or checkout, waits more than 50 ms on average until it holds its locks",
      metric: across(
        "MAX",
        lockTakers.map((service) => saleMetric("database.lock.wait", service, "Average", fastSeconds)),
        fastSeconds,
      ),
      above: 50,
      datapoints: 3,
      silence: "fine",
    },
    {
      heading: "DatabaseStorageLow",
      priority: "P2",
      condition: "less than 20 % of the storage is free",
      metric: awsMetric("AWS/RDS", "FreeStorageSpace", dimensions, "Minimum"),
      below: database.allocatedGiB * GiB * 0.2,
      datapoints: 3,
      silence: "fine",
    },
    {
      heading: "DatabaseCpuHigh",
      priority: "P2",
      condition: "the database's processors are more than 80 % busy",
      metric: awsMetric("AWS/RDS", "CPUUtilization", dimensions, "Average"),
      above: 80,
      datapoints: 3,
      silence: "fine",
    },
  ]
}

/** Above this an analyst reads of a sale that has moved on. */
const oldReplicaSeconds = 60

/** Alarm on the copies for analysts. No shopper reads from one. */
const replicaAlarms = (identifiers: readonly string[]): AlarmDefinition[] =>
  identifiers.length === 0
    ? []
    : [
        {
          heading: "AnalyticsReplicaLate",
          priority: "P2",
          condition: `a copy of the database for analysts is more than ${oldReplicaSeconds} s behind, or silent`,
          metric: across(
            "MAX",
            identifiers.map((replica) => awsMetric("AWS/RDS", "ReplicaLag", { DBInstanceIdentifier: replica }, "Maximum")),
            minuteSeconds,
            oldReplicaSeconds + 1,
          ),
          above: oldReplicaSeconds,
          datapoints: 3,
          silence: "alarming",
        },
      ]

/** A metric of each broker; MSK numbers them from 1. */
export const brokerMetrics = (
  { kafka, availabilityZones }: StageConfig,
  clusterName: string,
  metricName: string,
  statistic: "Average" | "Maximum",
): OneMetric[] =>
  Array.from({ length: availabilityZones.length * kafka.brokersPerZone }, (_, index) =>
    awsMetric("AWS/Kafka", metricName, { "Cluster Name": clusterName, "Broker ID": String(index + 1) }, statistic),
  )

const brokersReport = "brokers report once a minute; what shoppers notice of them is seen by ProduceErrors"

function kafkaAlarms(stage: StageConfig, clusterName: string): AlarmDefinition[] {
  const { kind, instanceType } = stage.kafka
  const worstBroker = (metricName: string, statistic: "Average" | "Maximum") =>
    across("MAX", brokerMetrics(stage, clusterName, metricName, statistic), minuteSeconds)
  return [
    {
      heading: "UnderReplicatedOrThrottled",
      priority: "P1",
      condition: kind === "express" ? "a broker throttles producers" : "a broker has partitions that lack a replica",
      // Express brokers replicate below Kafka, and report no such partitions. They report that they throttle producers.
      metric: worstBroker(kind === "express" ? "ProduceThrottleTime" : "UnderReplicatedPartitions", "Maximum"),
      above: 0,
      datapoints: 2,
      silence: "fine",
      slowBecause: brokersReport,
    },
    {
      heading: "IAMTooManyConnections",
      priority: "P1",
      condition: "a broker refused new connections that came faster than IAM authentication admits",
      metric: worstBroker("IAMTooManyConnections", "Maximum"),
      above: 0,
      datapoints: 1,
      silence: "fine",
      slowBecause: brokersReport,
    },
    {
      heading: "BrokerNetworkHigh",
      priority: "P1",
      condition: `a broker takes in more than 70 % of the ${ingressOf(instanceType) / 1_000_000} MB/s that ${instanceType} sustains`,
      metric: formula(
        `100 * bytes / ${ingressOf(instanceType)}`,
        { bytes: worstBroker("BytesInPerSec", "Average") },
        minuteSeconds,
      ),
      above: 70,
      datapoints: 2,
      silence: "fine",
      slowBecause: brokersReport,
    },
  ]
}

function cacheAlarms(members: readonly string[]): AlarmDefinition[] {
  const worst = (metricName: string, kind: "MAX" | "SUM", statistic: "Maximum" | "Sum") =>
    across(
      kind,
      members.map((member) => awsMetric("AWS/ElastiCache", metricName, { CacheClusterId: member }, statistic)),
      minuteSeconds,
    )
  return [
    {
      heading: "RedisMemoryHigh",
      priority: "P2",
      condition: "more than 75 % of a node's memory is used; with noeviction a full node refuses writes",
      metric: worst("DatabaseMemoryUsagePercentage", "MAX", "Maximum"),
      above: 75,
      datapoints: 3,
      silence: "fine",
    },
    {
      heading: "RedisEvictions",
      priority: "P2",
      condition: "a node evicted keys, though its policy is noeviction",
      metric: worst("Evictions", "SUM", "Sum"),
      above: 0,
      datapoints: 1,
      silence: "fine",
    },
  ]
}
