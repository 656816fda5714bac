import { existsSync, readdirSync, statSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { textSince } from "../services/log-file.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { Refusal } from "./say.ts"

const shownBytes = 32 * 1_024
const pollMs = 200

/** Names of the parts that have a log. */
export const loggedParts = (folder: StateFolder): string[] =>
  readdirSync(folder.path("logs"))
    .filter((name) => name.endsWith(".log"))
    .map((name) => name.slice(0, -".log".length))

/**
 * Prints the end of a part's log. With `isFollowing` it also prints what is added, until this process ends.
 *
 * @throws Refusal without such a log
 */
export async function showLog(folder: StateFolder, part: string, isFollowing: boolean): Promise<void> {
  const file = folder.logFile(part)
  if (!loggedParts(folder).includes(part)) {
    throw new Refusal(`"${part}" has no log. Parts with a log: ${loggedParts(folder).join(", ") || "none yet"}`)
  }
  let offset = Math.max(0, statSync(file).size - shownBytes)
  do {
    // The log was rotated: the new file starts at 0.
    if (existsSync(file) && statSync(file).size < offset) offset = 0
    const text = textSince(file, offset)
    offset += Buffer.byteLength(text)
    process.stdout.write(text)
    if (isFollowing) await delay(pollMs)
  } while (isFollowing)
}
