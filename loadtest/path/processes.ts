import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { familyOf } from "../../local/services/process-identity.ts"
import { readRecords } from "../../local/services/run-record.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { cpuWithEndedOf } from "../measure/cpu.ts"

const kibibytesPerMebibyte = 1_024
const microsecondsPerSecond = 1_000_000

/** What a part has used: processor seconds since its start, and its private memory. */
export interface Usage {
  readonly cpuSeconds: number
  readonly memoryMiB: number
}

/** The processes of each part and their descendants: PostgreSQL has one for each connection. */
export function processesOf(folder: StateFolder, more: Readonly<Record<string, number>> = {}): Map<string, number[]> {
  const roots = [
    ...readRecords(folder).flatMap(({ part, pid }) => (part === "supervisor" || pid === 0 ? [] : [[part, pid] as const])),
    ...Object.entries(more),
  ]
  return new Map(roots.map(([part, pid]) => [part, familyOf(pid)]))
}

/** Reads what each part has used so far. A process that ended meanwhile counts in its parent. */
export function usageOf(folder: StateFolder, more: Readonly<Record<string, number>> = {}): Map<string, Usage> {
  return new Map(
    [...processesOf(folder, more)].map(([part, pids]) => [
      part,
      {
        cpuSeconds: cpuWithEndedOf(pids) / microsecondsPerSecond,
        memoryMiB: pids.reduce((sum, pid) => sum + anonymousMiB(pid), 0),
      },
    ]),
  )
}

export const isGateway = (part: string): boolean => part.startsWith("gateway")

/** Processor seconds of all gateways together. */
export const gatewayCpuSeconds = (usage: ReadonlyMap<string, Usage>): number =>
  [...usage].reduce((sum, [part, { cpuSeconds }]) => (isGateway(part) ? sum + cpuSeconds : sum), 0)

/** Restricts the processes, with all their threads, to these cores. */
export function pin(pids: readonly number[], cores: string): void {
  for (const pid of pids) execFileSync("taskset", ["-a", "-c", "-p", cores, String(pid)], { stdio: "ignore" })
}

/** Memory that is not backed by a file. PostgreSQL's processes share their buffers, and the page cache belongs to no process. */
const anonymousMiB = (pid: number): number =>
  Number(/^RssAnon:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) / kibibytesPerMebibyte

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
