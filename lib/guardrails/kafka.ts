import { replication, topics } from "../../core/contracts/topics.ts"
import { callsUnderWay, mostProcesses, partitionRecordsPerSecond } from "../capacity/demand.ts"
import { brokerLimits, lambdaLimits, plannedUtilisation } from "../capacity/limits.ts"
import type { FunctionName, StageConfig } from "../config.ts"
import { type Guardrail, megabytes, plain, when } from "./finding.ts"

/** Functions that read metadata from the brokers: each copy of their code holds a connection to every broker. */
const askers: readonly FunctionName[] = ["admin", "expiry-sweeper", "health", "ops", "ops-checks", "provisioner"]
/** Functions that send, and the connections that a copy of their code may hold to a broker: one for each partition's producer. */
const senders = {
  "expiry-sweeper": topics.reservationEvents.partitions,
  reserve: topics.reservationRequests.partitions,
  "reserve-batch": topics.reservationRequests.partitions,
} as const satisfies Partial<Record<FunctionName, number>>
const limitsOf = ({ kafka }: StageConfig) => brokerLimits[kafka.instanceType]

/** The guardrails can check only a broker size with known limits. The name of the size must match the kind. */
export const brokerIsKnown: Guardrail = (config) => {
  const { kind, instanceType } = config.kafka
  const prefix = kind === "express" ? "express." : "kafka."
  const known = Object.keys(brokerLimits).filter((name) => name.startsWith(prefix))
  return when(!known.includes(instanceType), () => ({
    found: `The brokers are "${instanceType}", of kind ${kind}.`,
    allowed: `${known.join(", ")}.`,
    fix: "Choose one of them as `kafka.instanceType`, or add its limits with their source to lib/capacity/limits.ts.",
  }))
}

/** A standard broker has a disk that the config must size; an express broker has its own storage. */
export const brokersHaveStorage: Guardrail = ({ kafka }) => {
  const given = kafka.storageGiBPerBroker
  const broken = kafka.kind === "standard" ? given === undefined || given < 1 || given > 16_384 : given !== undefined
  return when(broken, () => ({
    found: `${kafka.kind} brokers have ${given === undefined ? "no storage" : `${plain(given)} GiB each`}.`,
    allowed: "1 to 16,384 GiB for standard brokers, none for express brokers.",
    fix: "Set or remove `kafka.storageGiBPerBroker`.",
  }))
}

/** The leader of the hottest partition takes all of its writes. */
export const leaderCarriesPartition: Guardrail = (config) => {
  const limit = limitsOf(config)?.ingressBytesPerSecond ?? Number.POSITIVE_INFINITY
  const bytesPerSecond = partitionRecordsPerSecond(config) * config.capacity.recordBytes
  return when(bytesPerSecond > limit * plannedUtilisation, () => ({
    found: `The hottest partition takes ${megabytes(bytesPerSecond)} MB/s, all on one ${config.kafka.instanceType}.`,
    allowed: `${megabytes(limit * plannedUtilisation)} MB/s, 60 % of what it sustains.`,
    fix: "Choose larger brokers (`kafka.instanceType`), shorten the record, or sell the stock as several lots.",
  }))
}

/** Connections that all clients together may hold on each broker. */
function connectionsPerBroker(config: StageConfig): number {
  const each = [...askers.map((name) => [name, 1] as const), ...(Object.entries(senders) as [keyof typeof senders, number][])]
  return each.reduce((total, [name, connections]) => total + connections * mostProcesses(config, name), 0)
}

/** IAM listeners take a bounded number of connections. */
export const connectionsFit: Guardrail = (config) => {
  const limit =
    config.kafka.auth === "iam" ? (limitsOf(config)?.iamConnections ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  const connections = connectionsPerBroker(config)
  return when(connections > limit, () => ({
    found: `Environments make up to ${plain(connections)} connections to each broker.`,
    allowed: `${plain(limit)} connections with IAM on ${config.kafka.instanceType}.`,
    fix: "Lower the concurrency of reserve and reserve-batch, share environments (managed instances), or choose larger brokers.",
  }))
}

/**
 * Environments a second that start at the peak, because they were not warm before. Those that start ahead are spread over a time
 * that the stage computes from the same limit (start-spread.ts); managed instances never start for a request.
 */
function newEnvironmentsPerSecond(config: StageConfig): number {
  if (config.reserve.kind === "managed-instances") return 0
  const warm = config.functions.reserve.provisionedConcurrency ?? 0
  const cold = Math.max(0, Math.ceil(callsUnderWay(config, "reserve")) - warm)
  return Math.min(cold, lambdaLimits.newEnvironmentsPerSecond)
}

/** IAM authenticates a bounded number of connections a second. Beyond it brokers refuse connections, and requests fail. */
export const connectionRateFits: Guardrail = (config) => {
  const limit =
    config.kafka.auth === "iam"
      ? (limitsOf(config)?.iamConnectionsPerSecond ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY
  const rate = newEnvironmentsPerSecond(config)
  const { hotSkus } = config.capacity
  return when(rate * hotSkus > limit, () => ({
    found: `The opening starts ${plain(rate)} environments of reserve a second, each with a new connection for each of ${plain(hotSkus)} hot SKUs.`,
    allowed: `${plain(limit)} new connections/s with IAM on ${config.kafka.instanceType}.`,
    fix: 'Keep environments warm (`functions.reserve.provisionedConcurrency`), share them (managed instances), choose larger brokers, or set `kafka.auth` to "scram".',
  }))
}

/** Each copy of a partition needs a broker of its own, in a zone of its own. */
export const brokersCarryCopies: Guardrail = ({ kafka, availabilityZones }) => {
  const brokers = kafka.brokersPerZone * new Set(availabilityZones).size
  return when(brokers < replication.factor, () => ({
    found: `${plain(kafka.brokersPerZone)} brokers in each of ${new Set(availabilityZones).size} zones are ${plain(brokers)} for ${replication.factor} copies.`,
    allowed: `at least ${replication.factor} brokers, so that one may be lost and ${replication.minInSyncReplicas} copies go on.`,
    fix: "Raise `kafka.brokersPerZone` or name three zones.",
  }))
}
