import { accessSync, constants, statSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The root of this clone. */
export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "")

/**
 * The files that the local run writes; git ignores them. `npm run clean` keeps downloads and the paths of servers, and deletes
 * the rest.
 */
export const stateFolder = join(root, ".local")
/** Downloads of versions other than the default. */
export const cacheFolder = join(stateFolder, "cache")
export const kafkaLogging = join(root, "local", "services", "kafka-log4j2.properties")
export const lockfileNote = join(stateFolder, "package-lock.sha256")

/** Whether this user may execute the regular file. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Every executable of this name on PATH, in the order of PATH. */
export const onPath = (name) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .filter(isExecutable)
