import { say } from "./say.ts"

const parentPollMs = 500
/** The exit code that shells use for a program that Ctrl-C ended. */
const killedExitCode = 130

/** The request to stop this process. */
export interface StopSignals {
  readonly signal: AbortSignal
  /** Resolves when the stop is requested. */
  readonly requested: Promise<undefined>
}

/**
 * Listens for Ctrl-C, `npm stop`, a closed terminal, and the death of the process that started this one.
 * @param kill called at a second Ctrl-C; this process ends after it.
 */
export function stopSignals(kill: () => Promise<void>): StopSignals {
  const stop = new AbortController()
  const requested = new Promise<undefined>((resolve) => stop.signal.addEventListener("abort", () => resolve(undefined)))
  const request = (why: string) => {
    if (!stop.signal.aborted) say(`${why}: the system stops in order; press Ctrl-C again to kill it`)
    stop.abort()
  }
  process.on("SIGINT", () => {
    if (!stop.signal.aborted) return request("Ctrl-C")
    // Not before they are gone: a dead process that nobody has waited for keeps its pid, and PostgreSQL believes in its lock
    // file.
    void kill().finally(() => process.exit(killedExitCode))
  })
  process.on("SIGTERM", () => request("SIGTERM"))
  process.on("SIGHUP", () => request("the terminal has closed"))
  // The reader may have closed the pipe. An output line that cannot be printed must not prevent the stop.
  process.stdout.on("error", () => {})
  process.stderr.on("error", () => {})
  const starter = Number(process.env.FLASH_SALE_BOOTSTRAP_PID)
  if (starter === process.ppid) {
    setInterval(() => process.ppid === starter || request("npm has ended"), parentPollMs).unref()
  }
  return { signal: stop.signal, requested }
}
