import { spawn, spawnSync } from "node:child_process"
import { say } from "./say.mjs"

/** Runs a program and returns its output, or undefined if it could not run or failed. */
export function outputOf(file, args) {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" })
  return status === 0 ? `${stdout}${stderr}` : undefined
}

/** A progress line is printed after each such time without output. */
const stillRunningMs = 10_000

/**
 * Runs a long step with progress lines. The output of the program is printed only when it fails.
 * @returns {Promise<{ ok: boolean, output: string }>} `output` ends with the last lines of the program.
 */
export function runStep(title, file, args, options = {}) {
  say(`${title} ...`)
  const startedAtMs = Date.now()
  const seconds = () => Math.round((Date.now() - startedAtMs) / 1_000)
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    const keep = (chunk) => {
      output = (output + chunk).slice(-4_000)
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    const ticker = setInterval(() => say(`${title}: still running after ${seconds()} s`), stillRunningMs)
    const finish = (ok) => {
      clearInterval(ticker)
      say(ok ? `${title}: done in ${seconds()} s` : `${title}: failed\n${output.trimEnd()}`)
      resolve({ ok, output })
    }
    child.on("error", (error) => {
      keep(error.message)
      finish(false)
    })
    child.on("close", (code) => finish(code === 0))
  })
}
