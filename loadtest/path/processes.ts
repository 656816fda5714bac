import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { readRecords } from "../../local/services/run-record.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"

/** Linux counts processor time in ticks of this length (sysconf(_SC_CLK_TCK) is 100 wherever Node runs). */
const ticksPerSecond = 100
const kibibytesPerMebibyte = 1_024

/** What a part has used: processor seconds since its start, and the memory it alone holds. */
export interface Usage {
  readonly cpuSeconds: number
  readonly memoryMiB: number
}

/** The processes of each part: its own and all below it, as PostgreSQL has one for each connection. */
export function processesOf(folder: StateFolder, more: Readonly<Record<string, number>> = {}): Map<string, number[]> {
  const children = childrenByParent()
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)]
  const roots = [
    ...readRecords(folder).flatMap(({ part, pid }) => (part === "supervisor" || pid === 0 ? [] : [[part, pid] as const])),
    ...Object.entries(more),
  ]
  return new Map(roots.map(([part, pid]) => [part, below(pid)]))
}

/** Reads what each part has used so far; a process that ended meanwhile counts in its parent's. */
export function usageOf(folder: StateFolder, more: Readonly<Record<string, number>> = {}): Map<string, Usage> {
  return new Map(
    [...processesOf(folder, more)].map(([part, pids]) => [
      part,
      {
        cpuSeconds: pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
        memoryMiB: pids.reduce((sum, pid) => sum + anonymousMiB(pid), 0),
      },
    ]),
  )
}

/** Lets the processes run on these cores only, whatever threads they have. */
export function pin(pids: readonly number[], cores: string): void {
  for (const pid of pids) execFileSync("taskset", ["-a", "-c", "-p", cores, String(pid)], { stdio: "ignore" })
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const name of readdirSync("/proc")) {
    const pid = Number(name)
    const parent = Number.isInteger(pid) ? Number(fieldsOf(pid)[1]) : 0
    if (parent > 0) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  return children
}

/** Own time and that of children that have ended (fields 14 to 17 of proc(5)'s stat). */
const cpuSecondsOf = (pid: number): number =>
  fieldsOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond

/** The fields behind the name of the program, which may hold spaces itself. */
const fieldsOf = (pid: number): string[] => {
  const stat = textOf(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")
}

/** Memory that no file stands behind: PostgreSQL's processes share their buffers, and the page cache is nobody's. */
const anonymousMiB = (pid: number): number =>
  Number(/^RssAnon:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) / kibibytesPerMebibyte

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
