import { setPriority } from "node:os"

/** Far enough behind the others to matter, near enough to get its turn on a busy machine. */
const backgroundNiceness = 5

/** Lets the processes that a shopper waits for go first: what only follows behind them takes what they leave of the processor. */
export const runInBackground = (): void => setPriority(backgroundNiceness)

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
