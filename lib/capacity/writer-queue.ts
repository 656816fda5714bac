/**
 * The line in front of the writer as a queue with gated batch service, M/G^B/1: records arrive at random (Poisson), a delivery takes all
 * that wait, at most `batchRecords`, and who arrives meanwhile waits for the next one. A cycle takes a fixed time, whatever it carries,
 * and a time for each record.
 *
 * Bulk service: N. T. J. Bailey, "On queueing processes with bulk service", J. R. Statist. Soc. B 16 (1954) 80-87. The wait is the
 * residual of a length-biased cycle: L. Kleinrock, Queueing Systems I (1975), section 5.2. A simulation in the tests agrees with it.
 *
 * Assumes: one writer a partition (Lambda runs one delivery of a partition at a time); Poisson arrivals at a steady rate, which a
 * spike is not before the first few cycles have passed; cycle times independent of each other and gamma distributed. Times are from
 * the broker's acknowledgement to the moment the delivery is fetched (the wait), or committed and shown (the decision).
 * Two simplifications make it say too much rather than too little: at low rates the line is often empty, and the first transactions of
 * a delivery are shown before its last.
 */
export interface WriterCycle {
  /** Poll, invocation, decoding, two round trips and a Multi-AZ commit: what a delivery costs that carries next to nothing. */
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
  /** Rate x time per record: how busy the writer is with records alone. */
  readonly utilisation: number
  /** Rate over what full deliveries carry; from 1 on the line grows without end. */
  readonly occupancy: number
  readonly mostRecordsPerSecond: number
  readonly recordsPerDelivery: number
  readonly cycleMs: number
  /** Undefined where the line grows without end. */
  readonly waitMs?: Percentiles
  readonly decisionMs?: Percentiles
}
export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** How the line behaves at a steady rate. */
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
  // In balance a cycle carries what arrived during the one before: b = rate x (fixed + b x each).
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

/** What a spike does before admission knows that nothing is left. */
export interface Spike {
  /** Records in line: units, and what is admitted between the decision that took the last unit and Redis knowing of it. */
  readonly records: number
  readonly longestLine: number
  /** Of the last record that got a unit, and of the last in line. */
  readonly lastWinnerMs: number
  readonly lastInLineMs: number
}

/**
 * The first second of a sale, as a fluid: records come at the full rate and the writer takes them at its own, until the last unit is
 * decided and shown; from then on admission refuses. `units` are single, nobody joins a waitlist.
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
