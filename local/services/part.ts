import { toolsVariable } from "./tools.ts"

/** How to run a part. */
export interface PartCommand {
  readonly file: string
  readonly args: readonly string[]
  /** Its whole environment: the part inherits nothing. */
  readonly env: Readonly<Record<string, string>>
}

/** The signal that asks a part to end. At SIGTERM PostgreSQL waits for its clients, at SIGINT it does not. */
export type StopSignal = "SIGTERM" | "SIGINT"

/** One process of the system, as the supervisor and the tests run it. */
export interface Part {
  readonly name: string
  readonly port: number
  readonly command: PartCommand
  /** The command of a restart, when it differs from the first. */
  readonly restartCommand?: PartCommand
  /** Prepares its files on disk, once. */
  prepare?(): Promise<void>
  /**
   * Whether the part serves. It is called repeatedly until it returns true.
   * @param printed the output since this start.
   */
  isHealthy(printed: string): Promise<boolean>
  /** Asks the part to finish what is in flight and to end. */
  readonly stopSignal: StopSignal
  /** From 0, the usual one, to 19: a part with a higher number leaves the processor to the others. */
  readonly niceness?: number
}

/** The variables that a part inherits: enough to find programs and to write text. None of them is a secret. */
export const plainEnvironment = (): Record<string, string> => {
  const kept = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "JAVA_HOME", toolsVariable]
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
