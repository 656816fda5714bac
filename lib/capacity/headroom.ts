import type { StageConfig } from "../config.ts"
import {
  apiRequestsPerSecond,
  cacheCommandsDemand,
  callsUnderWay,
  databaseConnections,
  edgeRequestsPerSecond,
  mostEnvironments,
  type PeakFunction,
  partitionRecordsPerSecond,
  sum,
} from "./demand.ts"
import { brokerLimits, cacheCommandsPerSecond, lambdaLimits } from "./limits.ts"
import { plannedCycle, writerQueue } from "./writer-queue.ts"

/** A part of the system: its load at the declared peak, and its limit. */
export interface Part {
  readonly name: string
  readonly demand: number
  readonly limit: number
  readonly unit: string
  readonly utilisation: number
  /** The load of machinery grows with the rate. A quota is raised on request, and the config bounds connections. */
  readonly kind: "machinery" | "quota" | "declared"
}

const part = (name: string, demand: number, limit: number, unit: string, kind: Part["kind"] = "machinery"): Part => ({
  name,
  demand,
  limit,
  unit,
  utilisation: demand / limit,
  kind,
})

/** Requests that a function's environments serve at once. On managed instances: those that run before the opening. */
export function servedAtOnce(config: StageConfig, name: PeakFunction): number {
  if (name === "reserve" && config.reserve.kind === "managed-instances") {
    return config.reserve.minimumEnvironments * config.reserve.requestsPerEnvironment
  }
  return mostEnvironments(config, name)
}

/**
 * How full each part is at the declared peak, the fullest first. Parts without a known limit are left out; the guardrails name
 * them.
 */
export function headroom(config: StageConfig): readonly Part[] {
  const { capacity, eventSources, kafka, cache, database, quotas } = config
  const recordsPerSecond = partitionRecordsPerSecond(config)
  const { batchSize } = eventSources["inventory-batch-writer"]
  const line = writerQueue(recordsPerSecond, { ...plannedCycle, batchRecords: batchSize })
  const broker = brokerLimits[kafka.instanceType]
  const commands = cacheCommandsPerSecond[cache.nodeType]
  const environments = (["availability", "reserve", "reservation", "checkout"] as const).map((name) =>
    part(`environments of ${name}`, callsUnderWay(config, name), servedAtOnce(config, name), "requests at once"),
  )
  const parts = [
    part("CloudFront quota", edgeRequestsPerSecond(config), quotas.cloudFrontRequestsPerSecond, "requests/s", "quota"),
    part("API Gateway quota", apiRequestsPerSecond(config), quotas.apiRequestsPerSecond, "requests/s", "quota"),
    ...environments,
    part(
      "poller of the hottest partition",
      recordsPerSecond * capacity.recordBytes,
      lambdaLimits.pollerBytesPerSecond,
      "bytes/s",
    ),
    part("writer of the hottest partition", recordsPerSecond, line.mostRecordsPerSecond, "records/s"),
    part("database connections", sum(databaseConnections(config).values()), database.maxConnections, "connections", "declared"),
    ...(broker
      ? [
          part(
            "leader of the hottest partition",
            recordsPerSecond * capacity.recordBytes,
            broker.ingressBytesPerSecond,
            "bytes/s",
          ),
        ]
      : []),
    ...(commands ? [part("Redis primary", cacheCommandsDemand(config), commands, "commands/s")] : []),
  ]
  return parts.sort((a, b) => b.utilisation - a.utilisation)
}

/** The machinery that fills first when the rates grow. */
export const bottleneckOf = (parts: readonly Part[]): Part | undefined =>
  [...parts].filter(({ kind }) => kind === "machinery").sort((a, b) => b.utilisation - a.utilisation)[0]
