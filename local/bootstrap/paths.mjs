import { accessSync, constants, statSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The root of this clone. */
export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "")

/** Everything the local run writes; git-ignored. `npm run clean` leaves what was downloaded or found, and removes the rest. */
export const stateFolder = join(root, ".local")
export const kafkaJars = join(stateFolder, "kafka-jars")
export const toolsFile = join(stateFolder, "tools.json")
export const lockfileNote = join(stateFolder, "package-lock.sha256")

/** True for a regular file this user may execute. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Every executable of this name on PATH, in PATH's order. */
export const onPath = (name) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .filter(isExecutable)
