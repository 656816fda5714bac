/** Reports to the supervisor that this process serves now: one JSON line on stdout. */
export const announceReady = (details: Readonly<Record<string, unknown>> = {}): void => {
  process.stdout.write(`${JSON.stringify({ message: "ready", pid: process.pid, ...details })}\n`)
}

/** Resolves at the first SIGTERM or SIGINT. A second one has Node's default effect: it ends the process at once. */
export const stopRequested = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGTERM", () => resolve())
    process.once("SIGINT", () => resolve())
  })
