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
   * Plays one round: sets itself up afresh, warms up unmeasured, works for about `seconds` with the meter on, proves what it did
   * and clears up.
   *
   * @throws BenchFailed when a guarantee did not hold
   */
  play(services: BenchServices, meter: Meter, seconds: number): Promise<void>
}

/** What contestants run on. */
export interface BenchServices {
  readonly cluster: Cluster
  /** A broker that is started when it is first needed, and ended with `restKafka`. @returns its address and processes */
  kafka(): Promise<{ readonly brokers: string; readonly pids: () => number[] }>
  /** An idle broker takes processor time from the others. */
  restKafka(): Promise<void>
}
