import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { z } from "zod"
import { isPortFree, pickPort } from "./ports.ts"
import { generateSecrets, Secrets } from "./secrets.ts"

/** The state folder of this clone; git ignores it. With another state folder the same sources run a second system. */
export const defaultStateDir = process.env.FLASH_SALE_STATE_DIR ?? fileURLToPath(new URL("../../.local", import.meta.url))

const Brokers = z.union([z.literal(1), z.literal(3)])
/** The number of Kafka nodes. */
export type Brokers = z.infer<typeof Brokers>

const State = z.object({
  brokers: Brokers.optional(),
  /** The generation of the requests that is in force; the first one if none is named. */
  requestsGeneration: z.int().min(1).optional(),
  ports: z.record(z.string(), z.int()).default({}),
})
type State = z.infer<typeof State>

/**
 * The data, logs, ports and secrets that a system keeps between starts. Two clones have two state folders and do not affect each
 * other.
 */
export class StateFolder {
  readonly dir: string

  constructor(dir: string = defaultStateDir) {
    mkdirSync(join(dir, "logs"), { recursive: true })
    mkdirSync(join(dir, "run"), { recursive: true })
    this.dir = realpathSync(dir)
  }

  path(...names: string[]): string {
    return join(this.dir, ...names)
  }

  logFile(part: string): string {
    return this.path("logs", `${part}.log`)
  }

  /** @throws Error when the file is not valid */
  read(): State {
    return State.parse(readJson(this.path("state.json")) ?? {})
  }

  write(change: Partial<State>): void {
    writeJson(this.path("state.json"), { ...this.read(), ...change })
  }

  /** Passwords and keys of this clone. They are created at their first use and only their owner can read them. */
  secrets(): Secrets {
    const known = readJson(this.path("secrets.json"))
    const complete = Secrets.safeParse(known)
    if (complete.success) return complete.data
    // An older folder may lack a secret that was added later: it keeps the others.
    const made = Secrets.parse({ ...generateSecrets(), ...(known ?? {}) })
    writeJson(this.path("secrets.json"), made)
    return made
  }

  /**
   * The ports that are kept under these names. A port is chosen anew when the name is new, or when another program has taken it.
   */
  async ports<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
    const kept = { ...this.read().ports }
    for (const name of names) {
      const port = kept[name]
      if (port === undefined || !(await isPortFree(port))) kept[name] = await pickPort(new Set(Object.values(kept)))
    }
    this.write({ ports: kept })
    return kept as Record<Name, number>
  }
}

/** @returns undefined if there is no such file */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"))
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw new Error(
      `${path} cannot be read. \`npm run clean\` deletes the data of this clone, and the next start creates a new file`,
      { cause: error },
    )
  }
}

/** Replaces the file in one step: a process that is killed meanwhile leaves the old file. */
function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
