import { say } from "./say.ts"

const parentPollMs = 500
/** What shells give a program that Ctrl-C ended. */
const killedExitCode = 130

/** How this process learns that it is to stop. */
export interface StopSignals {
  readonly signal: AbortSignal
  /** Resolves when it is. */
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
    if (!stop.signal.aborted) say(`${why}: stopping in order (Ctrl-C again kills)`)
    stop.abort()
  }
  process.on("SIGINT", () => {
    if (!stop.signal.aborted) return request("Ctrl-C")
    // Not before they are gone: a dead process that nobody has waited for keeps its pid, and PostgreSQL believes in its lock
    // file.
    void kill().finally(() => process.exit(killedExitCode))
  })
  process.on("SIGTERM", () => request("told to stop"))
  process.on("SIGHUP", () => request("the terminal was closed"))
  // Nobody may read any more: a line that cannot be printed must not keep the parts from being stopped.
  process.stdout.on("error", () => {})
  process.stderr.on("error", () => {})
  const starter = Number(process.env.FLASH_SALE_BOOTSTRAP_PID)
  if (starter === process.ppid) {
    setInterval(() => process.ppid === starter || request("npm is gone"), parentPollMs).unref()
  }
  return { signal: stop.signal, requested }
}
