import { existsSync, writeFileSync } from "node:fs"

const pollIntervalMs = 5

/**
 * A point where a test stops a real process, to kill it there or to let it continue later. `FAILPOINT=<name>:<point>` arms one
 * point: the process creates the file `FAILPOINT_FILE` when it reaches the point, and waits until the file is deleted. No stage
 * sets these variables; without them a failpoint costs nothing.
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
