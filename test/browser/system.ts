import { execFile, spawn } from "node:child_process"
import { closeSync, existsSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"
import { nodeArguments } from "../../local/services/node-part.ts"
import { plainEnvironment } from "../../local/services/part.ts"
import { readRecords, signal } from "../../local/services/run-record.ts"
import { StateFolder } from "../../local/services/state-folder.ts"

const startTimeoutMs = 120_000
const pollMs = 50

export type PartName = "redis" | "postgres" | "kafka" | "gateway" | "inventory-batch-writer" | "payment-provider" | "scheduler"

/** Where a run keeps its system. */
export interface SystemAddress {
  readonly stateDir: string
  readonly httpPort: number
}

export interface RunningSystem {
  /** The address of the shop that the start has printed first. */
  readonly url: string
  readonly folder: StateFolder
  /** Sends a signal to a part's process. A part that was killed is started again by its supervisor. */
  signal(part: PartName, name: NodeJS.Signals): void
  /** How often the supervisor has started the part again. */
  restartsOf(part: PartName): number
  /** Resolves when the part serves again, after it was killed. */
  isBack(part: PartName, restarts: number): Promise<void>
}

const outputOf = (stateDir: string): string => join(stateDir, "start.log")
const environmentOf = (stateDir: string) => ({ ...plainEnvironment(), FLASH_SALE_STATE_DIR: stateDir })

/** The system of this run, started by the first file that needs it. @throws Error with its output when it does not start */
export async function startedSystem({ stateDir, httpPort }: SystemAddress): Promise<RunningSystem> {
  const log = outputOf(stateDir)
  if (!existsSync(log)) {
    const output = openSync(log, "w")
    const args = [...nodeArguments("local/main.ts"), "start", "--no-rehearsal", "--port", String(httpPort)]
    const child = spawn(process.execPath, args, {
      env: environmentOf(stateDir),
      stdio: ["ignore", output, output],
      detached: true,
    })
    child.unref()
    closeSync(output)
  }
  const deadlineMs = performance.now() + startTimeoutMs
  while (!readFileSync(log, "utf8").includes("ready after")) {
    if (performance.now() > deadlineMs) throw new Error(`The system has not started:\n${readFileSync(log, "utf8")}`)
    await delay(pollMs)
  }
  const [, url] = /\n\s+The shop +(\S+)\/\n\s+API /.exec(readFileSync(log, "utf8")) ?? []
  if (url === undefined) throw new Error(`The start has not printed the address of the shop:\n${readFileSync(log, "utf8")}`)
  const folder = new StateFolder(stateDir)
  const recordOf = (part: PartName) => {
    const record = readRecords(folder).find((candidate) => candidate.part === part || candidate.part === `${part}-1`)
    if (record === undefined) throw new Error(`There is no part ${part}`)
    return record
  }
  return {
    url,
    folder,
    signal: (part, name) => signal(recordOf(part).pid, name),
    restartsOf: (part) => recordOf(part).restarts,
    async isBack(part, restarts) {
      for (;;) {
        const record = recordOf(part)
        if (record.restarts > restarts && record.state === "ready") return
        await delay(pollMs)
      }
    },
  }
}

/** Stops the system of a run, if a file has started it. */
export async function stopStartedSystem(stateDir: string): Promise<void> {
  if (!existsSync(outputOf(stateDir))) return
  for (const { pid } of readRecords(new StateFolder(stateDir))) if (pid > 0) signal(pid, "SIGCONT")
  await promisify(execFile)(process.execPath, [...nodeArguments("local/main.ts"), "stop"], { env: environmentOf(stateDir) })
}
