import { spawn } from "node:child_process"
import { root } from "./paths.mjs"

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"]
/** One Ctrl-C arrives twice under npm: from the terminal, and passed on by npm. A second one by hand comes later than this. */
const sameSignalMs = 500
const parentPollMs = 1_000
const startedAtMs = Math.round(performance.timeOrigin)

/**
 * Runs programs one after the other, all of them even if one fails, and passes on the signals it gets.
 *
 * @param {string[][]} programs each a file and its arguments
 * @returns {Promise<number | NodeJS.Signals>} the first failure's exit code or signal, otherwise 0.
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
  // In a session of its own: the terminal's Ctrl-C reaches this process alone, which passes it on exactly once.
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

  // npm that is killed cannot pass anything on: what it started is then to end as well.
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
