import type { FunctionName, StageConfig } from "../config.ts"

/**
 * Calls of the payment provider's webhook for each checkout: one for every payment, also without a visit to the provider's
 * page.
 */
export const webhooksPerCheckout = 1
/** Seconds such a call takes: most of them report what is known already. */
const webhookSeconds = 0.02

/**
 * Seconds a call keeps an environment busy at the peak: the service levels (reserve 120 ms, checkout 450 ms and the webhook calls
 * after it), and the time of reads at the origin.
 */
export const busySeconds = {
  availability: 0.02,
  reserve: 0.12,
  reservation: 0.04,
  checkout: 0.45 + webhooksPerCheckout * webhookSeconds,
} as const
export type PeakFunction = keyof typeof busySeconds

/** The cost of an admission in simple Redis commands: five reads and two writes in one script. */
const commandsPerReservation = 7
/** The cost of a projected decision: the reservation's view, and its share of the fields of the sale and of the queue. */
const commandsPerDecision = 1.5
/** The cost of a waiting request: one read every few milliseconds serves many of them. */
const commandsPerWait = 4

/** Reads a second that reach API Gateway. */
export const originReadsPerSecond = ({ capacity }: StageConfig): number =>
  capacity.peakReadsPerSecond - capacity.peakReadsPerSecond * capacity.edgeHitRate

/** Requests a second that API Gateway sees at the peak. */
export function apiRequestsPerSecond(config: StageConfig): number {
  const { peakReservationsPerSecond, checkoutsPerSecond, pollsPerSecond } = config.capacity
  return (
    originReadsPerSecond(config) + peakReservationsPerSecond + checkoutsPerSecond * (1 + webhooksPerCheckout) + pollsPerSecond
  )
}

/** All requests a second at the peak: CloudFront sees every one. */
export function edgeRequestsPerSecond(config: StageConfig): number {
  const { peakReadsPerSecond, peakReservationsPerSecond, checkoutsPerSecond, pollsPerSecond } = config.capacity
  return peakReadsPerSecond + peakReservationsPerSecond + checkoutsPerSecond * (1 + webhooksPerCheckout) + pollsPerSecond
}

/** Records a second of the hottest partition: a SKU has one partition, and two hot SKUs never share one. */
export const partitionRecordsPerSecond = ({ capacity }: StageConfig): number =>
  capacity.peakReservationsPerSecond / capacity.hotSkus

/**
 * Events a second at the peak, over all SKUs. Each decision that gives or moves units is one event. The relay publishes at most
 * this many of a SKU (core/workflows/allocation/relay-turn.ts; a test compares the two): consumers work off the rest later.
 */
export const eventsPerSecondOfSku = 5_000
export const eventsPerSecond = ({ capacity }: StageConfig): number =>
  Math.min(capacity.peakReservationsPerSecond, capacity.hotSkus * eventsPerSecondOfSku)

/** Units of the reference sale, for a stage whose calendar is empty. */
const referenceUnits = 10_000

/** Units that the first sale of the calendar sells. */
export const unitsForSale = ({ sales }: StageConfig): number => sales[0]?.units ?? referenceUnits

/** Calls a second of a function at the peak. */
export function callsPerSecond(config: StageConfig, name: PeakFunction): number {
  const { peakReservationsPerSecond, checkoutsPerSecond, pollsPerSecond } = config.capacity
  const rates: Record<PeakFunction, number> = {
    availability: originReadsPerSecond(config),
    reserve: peakReservationsPerSecond,
    reservation: pollsPerSecond,
    checkout: checkoutsPerSecond,
  }
  return rates[name]
}

/** Calls in progress at once (Little's law: rate x time). */
export const callsUnderWay = (config: StageConfig, name: PeakFunction): number => callsPerSecond(config, name) * busySeconds[name]

/** Redis commands a second if an attack bypasses the edge's cache: Redis is sized for that. */
export function cacheCommandsDemand({ capacity }: StageConfig): number {
  const perReservation = commandsPerReservation + commandsPerWait + commandsPerDecision
  return capacity.peakReadsPerSecond + capacity.pollsPerSecond + capacity.peakReservationsPerSecond * perReservation
}

/** What a copy of a function's code may open: pools of DATABASE_POOL_SIZE, and connections of pools whose size the code fixes. */
const databasePools: Readonly<Partial<Record<FunctionName, { readonly sized: number; readonly fixed: number }>>> = {
  admin: { sized: 0, fixed: 5 },
  availability: { sized: 1, fixed: 0 },
  "batch-writer": { sized: 1, fixed: 0 },
  catalogue: { sized: 1, fixed: 0 },
  checkout: { sized: 2, fixed: 2 },
  "event-reactor": { sized: 1, fixed: 0 },
  "expiry-sweeper": { sized: 1, fixed: 4 },
  health: { sized: 0, fixed: 1 },
  ops: { sized: 0, fixed: 9 },
  "ops-checks": { sized: 0, fixed: 1 },
  orders: { sized: 1, fixed: 0 },
  provisioner: { sized: 0, fixed: 2 },
  reservation: { sized: 1, fixed: 2 },
  reserve: { sized: 1, fixed: 2 },
  "reserve-batch": { sized: 1, fixed: 3 },
  warmer: { sized: 0, fixed: 1 },
}
/** As in core/runtime/environment.ts. */
const defaultPoolSize = 4

/** The maximum of a function's environments. */
export function mostEnvironments(config: StageConfig, name: FunctionName): number {
  if (name === "reserve" && config.reserve.kind === "managed-instances") return config.reserve.maximumEnvironments
  return config.functions[name].reservedConcurrency ?? config.quotas.lambdaConcurrency
}

/**
 * The maximum of copies of a function's code, each with pools and producers of its own: its environments, and on managed
 * instances their worker threads.
 */
export function mostProcesses(config: StageConfig, name: FunctionName): number {
  const environments = mostEnvironments(config, name)
  if (name !== "reserve" || config.reserve.kind === "functions") return environments
  return environments * config.reserve.workersPerEnvironment
}

/** PostgreSQL connections that all functions may hold at once: pool x environments x worker threads, summed. */
export function databaseConnections(config: StageConfig): ReadonlyMap<FunctionName, number> {
  const entries = Object.entries(databasePools) as [FunctionName, object][]
  return new Map(entries.map(([name]) => [name, databaseConnectionsEach(config, name) * mostProcesses(config, name)]))
}

/** PostgreSQL connections that one copy of a function's code may open. */
export function databaseConnectionsEach({ functions }: StageConfig, name: FunctionName): number {
  const { sized, fixed } = databasePools[name] ?? { sized: 0, fixed: 0 }
  return sized * (functions[name].poolSize ?? defaultPoolSize) + fixed
}

export const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)
