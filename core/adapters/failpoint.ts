import { existsSync, writeFileSync } from "node:fs"

/**
 * Points where a test makes a real process stop, to be killed there or to go on later. `FAILPOINT=<name>:<point>` arms one: the process
 * creates the file `FAILPOINT_FILE` when it gets there and stands still until the file is gone. Not set, as in every stage, it costs nothing.
 */
export function failpoint(name: string): (point: string) => Promise<void> | void {
  const { FAILPOINT: armed, FAILPOINT_FILE: file } = process.env
  if (armed === undefined || file === undefined) return () => {}
  let reached = false
  return async (point) => {
    if (reached || armed !== `${name}:${point}`) return
    reached = true
    writeFileSync(file, String(process.pid))
    while (existsSync(file)) await new Promise((resolve) => setTimeout(resolve, pollIntervalMs))
  }
}

const pollIntervalMs = 5
