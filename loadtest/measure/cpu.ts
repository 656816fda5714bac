import { readFileSync } from "node:fs"

/** Linux counts the CPU time of processes in hundredths of a second (USER_HZ), whatever the kernel's own tick is. */
const microsecondsPerTick = 10_000
/** Fields of /proc/<pid>/stat after the command name, which may hold spaces and brackets. */
const userTicksField = 11
const systemTicksField = 12

/** CPU time that processes have taken so far, in microseconds; one that is gone counts nothing. */
export const cpuOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + ticksOf(pid), 0) * microsecondsPerTick

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return Number(fields[userTicksField]) + Number(fields[systemTicksField])
  } catch {
    return 0
  }
}

/** CPU time of this process so far, in microseconds. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
