import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { z } from "zod"
import { jsonOf } from "../../core/contracts/json.ts"
import { identityOf } from "./process-identity.ts"
import type { StateFolder } from "./state-folder.ts"

const RunRecord = z.object({
  part: z.string(),
  pid: z.int(),
  /** See identityOf. */
  identity: z.string(),
  /** A copied state folder contains records of processes that do not belong to it. */
  stateDir: z.string(),
  state: z.enum(["starting", "ready", "restarting", "stopped"]),
  port: z.int(),
  startedAtMs: z.number(),
  restarts: z.int(),
  stopSignal: z.enum(["SIGTERM", "SIGINT"]),
})
/** The pid file of a part, which is also the source of `npm run status`. */
export type RunRecord = z.infer<typeof RunRecord>

const pollMs = 25

export const recordFile = (folder: StateFolder, part: string) => folder.path("run", `${part}.json`)

export function writeRecord(folder: StateFolder, record: Omit<RunRecord, "stateDir">): void {
  const path = recordFile(folder, record.part)
  writeFileSync(`${path}.new`, `${JSON.stringify({ ...record, stateDir: folder.dir })}\n`)
  renameSync(`${path}.new`, path)
}

export const removeRecord = (folder: StateFolder, part: string): void => rmSync(recordFile(folder, part), { force: true })

/** The records that are readable and belong to this folder, also those of dead processes. */
export function readRecords(folder: StateFolder): RunRecord[] {
  return readdirSync(folder.path("run"))
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const record = RunRecord.safeParse(jsonOf(readFileSync(folder.path("run", name), "utf8")))
      return record.success && record.data.stateDir === folder.dir ? [record.data] : []
    })
}

/** Whether this process is alive, and not another process with the same pid. */
export const isAlive = ({ pid, identity }: Pick<RunRecord, "pid" | "identity">): boolean => identityOf(pid) === identity

/** Sends a signal to a process, or with a negative number to a process group. A process that has ended is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error
  }
}

/** Asks a recorded process to end, and kills it after `graceMs`. Resolves when it has ended. */
export async function end(record: Pick<RunRecord, "pid" | "identity" | "stopSignal">, graceMs: number): Promise<void> {
  if (!isAlive(record)) return
  signal(record.pid, record.stopSignal)
  // A process that was stopped with SIGSTOP gets no other signal until it continues.
  signal(record.pid, "SIGCONT")
  const deadlineMs = Date.now() + graceMs
  while (isAlive(record) && Date.now() < deadlineMs) await delay(pollMs)
  if (isAlive(record)) signal(-record.pid, "SIGKILL")
  while (isAlive(record)) await delay(pollMs)
}
