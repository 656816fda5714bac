import type { StageConfig } from "../config.ts"
import { busySeconds } from "./demand.ts"
import { brokerLimits, cacheCommandsPerSecond, lambdaLimits, plannedOccupancy, plannedUtilisation } from "./limits.ts"
import { plannedCycle } from "./writer-queue.ts"

/**
 * Decisions a second of one PostgreSQL in a spike of the data model, all on one machine. The write-ahead log of one database
 * bounds all partitions together.
 */
const decisionsPerDatabase = 82_000
/** Rows, indexes and ledger of a decision in the write-ahead log; an estimate. */
const walBytesPerDecision = 400
/** Redis commands of a reservation: admission, waiting, showing (demand.ts). */
const commandsPerReservation = 12.5

export interface Need {
  readonly part: string
  readonly needed: number
  readonly unit: string
  readonly because: string
}

/** What each part of the system needs for a rate over many SKUs, if each part is as full as the guardrails allow. */
export function needsAt(config: StageConfig, reservationsPerSecond: number): readonly Need[] {
  const { capacity, kafka, cache, reserve } = config
  const perPartition = Math.floor((plannedUtilisation * 1_000) / plannedCycle.msPerRecord)
  const partitions = Math.ceil(reservationsPerSecond / perPartition)
  const bytesPerSecond = reservationsPerSecond * capacity.recordBytes
  const ingress = brokerLimits[kafka.instanceType]?.ingressBytesPerSecond ?? Number.NaN
  const commands = cacheCommandsPerSecond[cache.nodeType] ?? Number.NaN
  const each = reserve.kind === "managed-instances" ? reserve.requestsPerEnvironment : 1
  const need = (part: string, needed: number, unit: string, because: string): Need => ({
    part,
    needed: Math.ceil(needed),
    unit,
    because,
  })
  return [
    need(
      "hot SKUs, each on its partition",
      partitions,
      "partitions",
      `a writer is planned for ${perPartition.toLocaleString("en-US")}/s`,
    ),
    need(
      "event pollers",
      Math.max(bytesPerSecond / lambdaLimits.pollerBytesPerSecond, partitions / lambdaLimits.pollerConcurrency),
      "pollers",
      `${(bytesPerSecond / 1_000_000).toFixed(0)} MB/s, 5 MB/s each`,
    ),
    need("Kafka brokers", bytesPerSecond / (ingress * plannedUtilisation), kafka.instanceType, "60 % of the sustained ingress"),
    need(
      "databases, SKUs spread over them",
      reservationsPerSecond / (decisionsPerDatabase * plannedUtilisation),
      "PostgreSQL clusters",
      `${((reservationsPerSecond * walBytesPerDecision) / 1_000_000).toFixed(0)} MB/s of write-ahead log, ${decisionsPerDatabase.toLocaleString("en-US")} decisions/s each at the very most`,
    ),
    need(
      "Redis primaries, SKUs spread over them",
      (reservationsPerSecond * commandsPerReservation) / (commands * plannedUtilisation),
      cache.nodeType,
      "one script, one wait and one view for each request",
    ),
    need(
      "environments of reserve",
      (reservationsPerSecond * busySeconds.reserve) / (each * plannedOccupancy),
      "environments",
      `${(reservationsPerSecond * busySeconds.reserve).toLocaleString("en-US")} requests under way`,
    ),
    need(
      "API Gateway quota",
      reservationsPerSecond,
      "requests/s",
      "more than one account is given: several accounts or regions behind CloudFront",
    ),
  ]
}
