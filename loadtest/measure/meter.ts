import { createLatencies, type LatencySummary } from "../rehearsal/latencies.ts"
import { cpuOf, ownCpu } from "./cpu.ts"
import type { RoundTrips } from "./round-trips.ts"

/** The sources that are read before and after each measured section. */
export interface Gauges {
  /** Processes of the servers that work for the contestant. */
  readonly serverPids: () => Promise<readonly number[]>
  /** Bytes of WAL so far; absent without PostgreSQL. */
  readonly walBytes?: () => Promise<number>
  readonly roundTrips?: RoundTrips
}

/** The measurements so far. */
export interface Measured {
  readonly seconds: number
  readonly decisions: number
  readonly attempts: number
  readonly roundTrips: number
  readonly walBytes: number
  readonly clientCpuUs: number
  readonly serverCpuUs: number
  readonly latency: LatencySummary
  readonly service: LatencySummary
  readonly roundsPerSecond: readonly number[]
}

export interface Meter {
  /** Measures a section of work. Other work, such as the creation of requests, does not count. */
  timed(gauges: Gauges, work: () => Promise<void>): Promise<void>
  latency(ms: number): void
  /** The part of a latency that was spent on this transaction and not on the one before it. */
  service(ms: number): void
  decided(count: number): void
  attempted(times: number): void
  /** Seconds measured in this round. */
  readonly roundSeconds: number
  endRound(): void
  readonly measured: Measured
}

type Count = "seconds" | "decisions" | "attempts" | "roundTrips" | "walBytes" | "clientCpuUs" | "serverCpuUs"
const nothing: Readonly<Record<Count, number>> = {
  seconds: 0,
  decisions: 0,
  attempts: 0,
  roundTrips: 0,
  walBytes: 0,
  clientCpuUs: 0,
  serverCpuUs: 0,
}

export function createMeter(): Meter {
  const total = { ...nothing }
  let before = { ...nothing }
  const latencies = createLatencies()
  const services = createLatencies()
  const roundsPerSecond: number[] = []
  const since = (count: "seconds" | "decisions") => total[count] - before[count]
  return {
    async timed(gauges, work) {
      const pids = await gauges.serverPids()
      const read = async () => ({
        walBytes: (await gauges.walBytes?.()) ?? 0,
        roundTrips: gauges.roundTrips?.count ?? 0,
        serverCpuUs: cpuOf(pids),
        clientCpuUs: ownCpu(),
        seconds: performance.now() / 1_000,
      })
      const start = await read()
      await work()
      const seconds = performance.now() / 1_000
      const end = { ...(await read()), seconds }
      for (const count of Object.keys(start) as (keyof typeof start)[]) total[count] += end[count] - start[count]
    },
    latency: (ms) => latencies.record(ms),
    service: (ms) => services.record(ms),
    decided(count) {
      total.decisions += count
    },
    attempted(times) {
      total.attempts += times
    },
    get roundSeconds() {
      return since("seconds")
    },
    endRound() {
      roundsPerSecond.push(since("decisions") / since("seconds"))
      before = { ...total }
    },
    get measured() {
      return { ...total, latency: latencies.summary(), service: services.summary(), roundsPerSecond }
    },
  }
}
