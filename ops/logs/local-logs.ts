import { statSync } from "node:fs"
import { functionNames } from "../../lib/config.ts"
import { textSince } from "../../local/services/log-file.ts"
import { StateFolder } from "../../local/services/state-folder.ts"
import { loggedParts } from "../../local/supervisor/follow.ts"
import { type LogLine, logLine } from "./log-line.ts"

/** How much of the end of each log is read. */
const readBytes = 8 * 1_024 * 1_024

/**
 * The last lines of a function or of a part of the local system, in order of time. Several functions share one process here:
 * each line names its own.
 *
 * @throws Error that names the parts and functions, for another name
 */
export function localLogs(name: string): readonly LogLine[] {
  const folder = new StateFolder(process.env.LOCAL_STATE_DIR)
  const parts = loggedParts(folder)
  const isFunction = functionNames.some((known) => known === name)
  if (!isFunction && !parts.includes(name)) {
    throw new Error(`Nothing here has the name ${name}. Parts: ${parts.join(", ")}. Functions: ${functionNames.join(", ")}.`)
  }
  if (parts.includes(name)) return linesOf(folder, name)
  const written = parts.flatMap((part) => linesOf(folder, part).filter(({ service }) => service === name))
  return written.toSorted((one, other) => (one.atMs ?? 0) - (other.atMs ?? 0))
}

function linesOf(folder: StateFolder, part: string): LogLine[] {
  const file = folder.logFile(part)
  const start = Math.max(0, statSync(file).size - readBytes)
  const lines = textSince(file, start).split("\n")
  // The first line of a part of a file begins in its middle.
  return (start === 0 ? lines : lines.slice(1)).filter((line) => line !== "").map(logLine)
}
