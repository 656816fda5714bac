import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"

const hasProc = existsSync("/proc/self/stat")
const bootId = hasProc ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() : ""

const stateField = 0
const parentField = 1
const startTimeField = 19

/**
 * The fields of /proc/<pid>/stat after the command name, which may contain spaces and brackets. Undefined if there is no such
 * process.
 */
export function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  } catch {
    return undefined
  }
}

/**
 * Distinguishes this process from a later one with the same pid, by its start time and the boot of the machine.
 * @returns undefined if there is no such process, or if it has ended and its parent has not yet read its exit code.
 */
export function identityOf(pid: number): string | undefined {
  if (hasProc) {
    const stat = statOf(pid)
    return stat === undefined || stat[stateField] === "Z" ? undefined : `${bootId} ${stat[startTimeField]}`
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined
  } catch {
    return undefined
  }
}

/** The process and its descendants, without `except` and their descendants. A PostgreSQL server consists of several processes. */
export function familyOf(pid: number, except: readonly number[] = []): number[] {
  if (!hasProc) return [pid]
  const children = new Map<number, number[]>()
  for (const entry of readdirSync("/proc")) {
    const parent = /^\d+$/.test(entry) ? Number(statOf(Number(entry))?.[parentField]) : Number.NaN
    if (parent > 0 && !except.includes(Number(entry))) children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  const family = [pid]
  // The list grows during the loop: children are appended, and the loop then finds their children.
  for (const member of family) family.push(...(children.get(member) ?? []))
  return family
}

/** Resident memory of a process and its descendants (see familyOf) in bytes. Shared pages count once. */
export function residentBytes(pid: number, except: readonly number[] = []): number {
  if (!hasProc) return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1_024
  return familyOf(pid, except).reduce((sum, member) => sum + proportionalBytes(member), 0)
}

function proportionalBytes(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]
    return Number(kilobytes ?? 0) * 1_024
  } catch {
    // The process has ended meanwhile.
    return 0
  }
}
