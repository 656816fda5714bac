import { mkdirSync, readdirSync, rmSync } from "node:fs"
import type { StateFolder } from "../services/state-folder.ts"

/** Downloads are worth keeping, test runs delete their own files, and `run` holds this process's claim. */
const kept = new Set(["cache", "kafka-jars", "tools.json", "package-lock.sha256", "test", "run"])

/**
 * Deletes data, logs, ports and secrets. Database, topics and Redis are deleted together, because their offsets belong together.
 */
export function wipe(folder: StateFolder): void {
  for (const name of readdirSync(folder.dir).filter((entry) => !kept.has(entry))) {
    rmSync(folder.path(name), { recursive: true, force: true })
  }
  mkdirSync(folder.path("logs"), { recursive: true })
}
