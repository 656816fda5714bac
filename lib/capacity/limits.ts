/** What each part carries, with the source of the figure. Guardrails and the capacity report read the same figures. */

const kibibyte = 1_024

/** The share of a part's limit that a sale may plan with. The rest is for retries, a lost zone and wrong estimates. */
export const plannedUtilisation = 0.6
/** Warm environments may be fuller: their number is known, and requests beyond it wait or are shed. */
export const plannedOccupancy = 0.8

/** Source: docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html and gettingstarted-limits.html. */
export const lambdaLimits = {
  pollerBytesPerSecond: 5_000_000,
  pollerConcurrency: 5,
  /** Pollers of an event poller unit, which is what is billed; it carries 20 MB/s. */
  pollersPerUnit: 10,
  payloadBytes: 6 * kibibyte * kibibyte,
  kafkaBatchRecords: 10_000,
  /** Concurrency that an account must leave unreserved. */
  unreservedConcurrency: 100,
  /** Environments a second that a function may add when all warm ones are busy. */
  newEnvironmentsPerSecond: 100,
  timeoutSeconds: 900,
  /**
   * The least time that Lambda gives an environment to initialise that it starts ahead; more where the function's own timeout is
   * longer. Source: docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html, the same for managed instances
   * (lambda-managed-instances-execution-environment.html). An environment that starts for a request has 10 s.
   */
  initSeconds: 130,
} as const

/** Lambda's envelope of a Kafka record: JSON names, topic, partition, offset, timestamp, headers, and base64 of key and value. */
export const envelopeBytesPerRecord = 260
export const base64Growth = 4 / 3
/** A record of `reservation-events` with key and headers: a traced refund, the longest event, has less (a test measures it). */
export const eventRecordBytes = 640

/** Above this, one request an environment opens too many connections and sends too many small batches (design: "AWS mapping"). */
export const reserveOnFunctionsPerSecond = 2_000

/** API Gateway ends an integration of an HTTP API after 30 s. */
export const apiTimeoutSeconds = 30

/** Source: docs.aws.amazon.com/msk/latest/developerguide/limits.html. Ingress is the size's sustained figure with replication. */
export const brokerLimits: Readonly<
  Record<string, { ingressBytesPerSecond: number; iamConnectionsPerSecond: number; iamConnections: number }>
> = {
  "kafka.t3.small": { ingressBytesPerSecond: 1_000_000, iamConnectionsPerSecond: 4, iamConnections: 300 },
  "kafka.m7g.large": { ingressBytesPerSecond: 4_800_000, iamConnectionsPerSecond: 100, iamConnections: 3_000 },
  "kafka.m7g.xlarge": { ingressBytesPerSecond: 9_600_000, iamConnectionsPerSecond: 100, iamConnections: 3_000 },
  "express.m7g.large": { ingressBytesPerSecond: 15_600_000, iamConnectionsPerSecond: 100, iamConnections: 3_000 },
  "express.m7g.xlarge": { ingressBytesPerSecond: 31_200_000, iamConnectionsPerSecond: 100, iamConnections: 3_000 },
  "express.m7g.4xlarge": { ingressBytesPerSecond: 124_900_000, iamConnectionsPerSecond: 100, iamConnections: 3_000 },
}

/** To log in takes PostgreSQL about 10 ms of a processor (TLS and SCRAM): 200 a second keep two of them busy. */
export const databaseLoginsPerSecond = 200

/** RDS's default is LEAST(memory / 9,531,392, 5000); source: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html. */
export const databaseMemoryGiB: Readonly<Record<string, number>> = {
  "t4g.small": 2,
  "t4g.medium": 4,
  "r8g.large": 16,
  "r8g.xlarge": 32,
  "r8g.2xlarge": 64,
  "r8g.4xlarge": 128,
  "r8g.8xlarge": 256,
}
const bytesPerConnection = 9_531_392
const mostConnections = 5_000
/** Kept for RDS itself, for superusers and for the operator on call. */
export const reservedConnections = 20

/** Connections that the memory of a database instance allows, or undefined for an instance not in the table. */
export function connectionLimitOf(instanceType: string): number | undefined {
  const memoryGiB = databaseMemoryGiB[instanceType]
  return memoryGiB && Math.min(Math.floor((memoryGiB * kibibyte ** 3) / bytesPerConnection), mostConnections)
}

/**
 * Simple commands a second of one Valkey 8 primary with I/O threads; a planning figure, below the 1,000,000 that AWS
 * published for r7g.4xlarge (aws.amazon.com/blogs/database, "Get started with Amazon ElastiCache for Valkey 8.0").
 */
export const cacheCommandsPerSecond: Readonly<Record<string, number>> = {
  "cache.t4g.micro": 20_000,
  "cache.t4g.small": 40_000,
  "cache.r7g.large": 150_000,
  "cache.r7g.xlarge": 300_000,
  "cache.r7g.2xlarge": 500_000,
  "cache.r7g.4xlarge": 1_000_000,
}
