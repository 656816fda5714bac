import { spawn } from "node:child_process"
import { root } from "./paths.mjs"

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"]
/** Under npm one Ctrl-C arrives twice: from the terminal, and from npm. A second Ctrl-C of the user comes later than this. */
const sameSignalMs = 500
const parentPollMs = 1_000
const startedAtMs = Math.round(performance.timeOrigin)

/**
 * Runs programs one after the other, also when one of them fails, and passes on the signals that it receives.
 *
 * @param {string[][]} programs each a file and its arguments
 * @returns {Promise<number | NodeJS.Signals>} the exit code or the signal of the first failure, otherwise 0.
 */
export async function runInTurn(programs) {
  let outcome = 0
  let isOver = false
  for (const [file, ...args] of programs) {
    if (isOver) break
    const { how, wasSignalled } = await run(file, args)
    outcome ||= how
    isOver = wasSignalled
  }
  return outcome
}

function run(file, args) {
  // The program runs in its own session: the terminal's Ctrl-C reaches only this process, which passes it on exactly once.
  const child = spawn(file, args, {
    cwd: root,
    stdio: "inherit",
    detached: true,
    env: { ...process.env, FLASH_SALE_BOOTSTRAP_PID: String(process.pid), FLASH_SALE_STARTED_AT_MS: String(startedAtMs) },
  })
  let wasSignalled = false
  let lastMs = Number.NEGATIVE_INFINITY
  const forward = (signal) => {
    wasSignalled = true
    if (performance.now() - lastMs > sameSignalMs) child.kill(signal)
    lastMs = performance.now()
  }
  for (const signal of forwarded) process.on(signal, forward)

  // A killed npm passes on nothing. Its programs must end too.
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return
    clearInterval(watch)
    forward("SIGTERM")
  }, parentPollMs)

  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", (code, signal) => {
      clearInterval(watch)
      for (const name of forwarded) process.off(name, forward)
      resolve({ how: signal ?? code, wasSignalled })
    })
  })
}
