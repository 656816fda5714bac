/** How to run a part. */
export interface PartCommand {
  readonly file: string
  readonly args: readonly string[]
  /** All of its environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
}

/** What a part takes as a request to end; PostgreSQL waits for its clients at SIGTERM, but not at SIGINT. */
export type StopSignal = "SIGTERM" | "SIGINT"

/** One process of the system, as the supervisor and the tests run it. */
export interface Part {
  readonly name: string
  readonly port: number
  readonly command: PartCommand
  /** Makes what it needs on disk, once. */
  prepare?(): Promise<void>
  /**
   * Does it serve? Asked again and again until it does.
   * @param printed what it has printed since this start.
   */
  isHealthy(printed: string): Promise<boolean>
  /** Asks it to finish what is in flight and end. */
  readonly stopSignal: StopSignal
}

/** What a part inherits of the environment: enough to find programs and write texts, none of it a secret. */
export const plainEnvironment = (): Record<string, string> => {
  const kept = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "JAVA_HOME"]
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
