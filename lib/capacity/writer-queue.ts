/**
 * The queue in front of the writer, modelled with gated batch service, M/G^B/1. Records arrive at random (Poisson). A delivery
 * takes all waiting records, at most `batchRecords`; records that arrive meanwhile wait for the next delivery. A cycle takes a
 * fixed time plus a time for each record.
 *
 * Bulk service: N. T. J. Bailey, "On queueing processes with bulk service", J. R. Statist. Soc. B 16 (1954) 80-87. The wait is
 * the residual of a length-biased cycle: L. Kleinrock, Queueing Systems I (1975), section 5.2. A simulation in the tests agrees.
 *
 * Assumptions: one writer a partition, because Lambda runs one delivery of a partition at a time; Poisson arrivals at a steady
 * rate, which a spike has only after its first few cycles; independent, gamma distributed cycle times. Times begin at the
 * broker's acknowledgement. The wait ends when the delivery is fetched; the decision ends when it is committed and projected.
 * Two simplifications make the model estimate too much rather than too little: at low rates the queue is often empty, and the
 * first transactions of a delivery are projected before its last.
 */
export interface WriterCycle {
  /** The cost of an almost empty delivery: poll, invocation, decoding, two round trips and a Multi-AZ commit. */
  readonly fixedMs: number
  readonly msPerRecord: number
  readonly batchRecords: number
  /** Standard deviation of a cycle over its mean. */
  readonly variation: number
}

/**
 * 30 ms and 20 µs: a full delivery of 2,000 takes 70 ms, the middle of the 60 to 80 ms that the design plans with. The 20 µs are
 * 50,000/s, where a spike of this data model decided 82,000/s on one machine; the difference is for the network to a Multi-AZ
 * database. None of it is measured on AWS yet; the rehearsal of a stage measures it (metric batch.latency).
 */
export const plannedCycle = { fixedMs: 30, msPerRecord: 0.02, variation: 0.25 } as const

export interface WriterQueue {
  /** Rate x time per record: the share of time that the writer spends on records alone. */
  readonly utilisation: number
  /** The rate divided by what full deliveries carry. From 1 on the queue grows without end. */
  readonly occupancy: number
  readonly mostRecordsPerSecond: number
  readonly recordsPerDelivery: number
  readonly cycleMs: number
  /** Undefined if the queue grows without end. */
  readonly waitMs?: Percentiles
  readonly decisionMs?: Percentiles
}
export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** How the queue behaves at a steady rate. */
export function writerQueue(recordsPerSecond: number, cycle: WriterCycle): WriterQueue {
  const { fixedMs, msPerRecord, batchRecords } = cycle
  const recordsPerMs = recordsPerSecond / 1_000
  const fullCycleMs = fixedMs + batchRecords * msPerRecord
  const mostRecordsPerSecond = (batchRecords / fullCycleMs) * 1_000
  const utilisation = recordsPerMs * msPerRecord
  const occupancy = recordsPerSecond / mostRecordsPerSecond
  if (occupancy >= 1) {
    return { utilisation, occupancy, mostRecordsPerSecond, recordsPerDelivery: batchRecords, cycleMs: fullCycleMs }
  }
  // In balance a cycle carries the records that arrived during the cycle before: b = rate x (fixed + b x each).
  const recordsPerDelivery = Math.max(1, (recordsPerMs * fixedMs) / (1 - utilisation))
  const cycleMs = fixedMs + recordsPerDelivery * msPerRecord
  const deviationMs = cycleMs * cycle.variation
  const waitMs = residualPercentiles(cycleMs, deviationMs)
  const after = (ms: number) => ms + cycleMs
  const decisionMs = { p50: after(waitMs.p50), p95: after(waitMs.p95), p99: after(waitMs.p99) }
  return { utilisation, occupancy, mostRecordsPerSecond, recordsPerDelivery, cycleMs, waitMs, decisionMs }
}

const stepsPerMean = 400
const means = 6

/** Percentiles of the residual of a gamma distributed cycle: density P(cycle > t) / mean, integrated in small steps. */
function residualPercentiles(meanMs: number, deviationMs: number): Percentiles {
  const stepMs = meanMs / stepsPerMean
  const shape = (meanMs / deviationMs) ** 2
  const density = Array.from({ length: stepsPerMean * means }, (_, step) => {
    const atMs = (step + 0.5) * stepMs
    return Math.exp((shape - 1) * Math.log(atMs / meanMs) - shape * (atMs / meanMs))
  })
  const whole = density.reduce((total, value) => total + value, 0)
  const reached: number[] = []
  let beyond = 1
  let passed = 0
  for (const value of density) {
    passed += (beyond * stepMs) / meanMs
    beyond -= value / whole
    reached.push(passed)
  }
  const at = (share: number) => (reached.findIndex((value) => value >= share * passed) + 1) * stepMs
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** What a spike does before admission knows that the stock is sold out. */
export interface Spike {
  /** Queued records: the units, and the requests admitted until Redis knows of the decision that took the last unit. */
  readonly records: number
  readonly longestLine: number
  /** For the last record that got a unit, and for the last record of the queue. */
  readonly lastWinnerMs: number
  readonly lastInLineMs: number
}

/**
 * The first second of a sale, modelled as a fluid: records arrive at the full rate and the writer decides at its own rate, until
 * the last unit is decided and projected. From then on admission refuses. Each request is for one unit; there is no waitlist.
 */
export function spike(recordsPerSecond: number, units: number, cycle: WriterCycle): Spike {
  const { cycleMs, mostRecordsPerSecond } = writerQueue(recordsPerSecond, cycle)
  const arrivesPerMs = recordsPerSecond / 1_000
  const decidesPerMs = Math.min(arrivesPerMs, mostRecordsPerSecond / 1_000)
  const lastUnitMs = units / decidesPerMs + cycleMs
  const records = Math.ceil(arrivesPerMs * lastUnitMs)
  const longestLine = Math.ceil(records - decidesPerMs * Math.max(0, lastUnitMs - cycleMs))
  const lastWinnerMs = lastUnitMs - units / arrivesPerMs
  return { records, longestLine, lastWinnerMs, lastInLineMs: longestLine / decidesPerMs + cycleMs }
}
