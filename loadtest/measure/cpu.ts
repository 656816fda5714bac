import { statOf } from "../../local/services/process-identity.ts"

/** Linux counts the CPU time of processes in hundredths of a second (USER_HZ), for every tick of the kernel. */
const microsecondsPerTick = 10_000
/** Fields of statOf: user and system time of the process, and of its children that have ended. */
const ownTicks = [11, 12]
const endedChildrensTicks = [13, 14]

/** CPU time that processes have taken so far, in microseconds. A process that has ended counts nothing. */
export const cpuOf = (pids: readonly number[]): number => sumOf(pids, ownTicks)

/** The same, with that of their children that have ended. */
export const cpuWithEndedOf = (pids: readonly number[]): number => sumOf(pids, [...ownTicks, ...endedChildrensTicks])

function sumOf(pids: readonly number[], fields: readonly number[]): number {
  const ticks = pids.flatMap((pid) => {
    const stat = statOf(pid)
    return stat === undefined ? [] : fields.map((field) => Number(stat[field]))
  })
  return ticks.reduce((sum, count) => sum + count, 0) * microsecondsPerTick
}

/** CPU time of this process so far, in microseconds. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
