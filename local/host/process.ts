/** Tells the supervisor that this process now serves: one JSON line on stdout. */
export const announceReady = (details: Readonly<Record<string, unknown>> = {}): void => {
  process.stdout.write(`${JSON.stringify({ message: "ready", pid: process.pid, ...details })}\n`)
}

/** Resolves at the first SIGTERM or SIGINT. A second one meets Node's default and ends the process at once. */
export const stopRequested = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGTERM", () => resolve())
    process.once("SIGINT", () => resolve())
  })
