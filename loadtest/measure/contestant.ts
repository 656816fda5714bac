import type { Cluster } from "./cluster.ts"
import type { Meter } from "./meter.ts"
import type { ContestantName, ProfileName } from "./result.ts"

/** One way to decide requests, at one size, on one profile. */
export interface Contestant {
  readonly name: ContestantName
  readonly profile: ProfileName
  readonly batch?: number
  readonly connections?: number
  /**
   * Plays one round: prepares new data, warms up without measuring, works for about `seconds` with the meter on, proves its
   * results and cleans up.
   *
   * @throws BenchFailed when a guarantee did not hold
   */
  play(services: BenchServices, meter: Meter, seconds: number): Promise<void>
}

/** The servers that contestants use. */
export interface BenchServices {
  readonly cluster: Cluster
  /** Starts a broker when it is first needed; `restKafka` ends it. @returns its address and processes */
  kafka(): Promise<{ readonly brokers: string; readonly pids: () => number[] }>
  /** An idle broker takes processor time from the others. */
  restKafka(): Promise<void>
}
