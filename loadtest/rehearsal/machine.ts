import { readFileSync } from "node:fs"
import { availableParallelism, cpus, totalmem } from "node:os"

/** The machine of the rehearsal: its figures mean nothing without it. */
export interface Machine {
  readonly cores: number
  readonly processor: string
  readonly memoryMiB: number
  readonly node: string
}

/** The processor time of the generator, which shares the machine with the system, and the load of the whole machine. */
export interface Effort {
  readonly generatorCpuSeconds: number
  /** Share of one core. */
  readonly generatorCpuShare: number
  readonly generatorPeakMiB: number
  /** Share of all cores, by all processes. */
  readonly machineBusyShare: number
  /** Threads that ran or waited for a core, for each core, on average. Only Linux counts them. */
  readonly runQueuePerCore?: number
}

const mebibyte = 2 ** 20
const kibibytesPerMebibyte = 1_024
const sampleEveryMs = 250

export const machineOf = (): Machine => ({
  cores: availableParallelism(),
  processor: cpus()[0]?.model.trim() ?? "unknown",
  memoryMiB: Math.round(totalmem() / mebibyte),
  node: process.version,
})

/** Starts to measure. */
export function measureEffort(): () => Effort {
  const startedMs = performance.now()
  const cpuBefore = process.cpuUsage()
  const ticksBefore = ticks()
  const samples: number[] = []
  const sampling = setInterval(() => samples.push(...runnable()), sampleEveryMs).unref()
  return () => {
    clearInterval(sampling)
    const { user, system } = process.cpuUsage(cpuBefore)
    const cpuSeconds = (user + system) / 1e6
    const now = ticks()
    return {
      generatorCpuSeconds: cpuSeconds,
      generatorCpuShare: cpuSeconds / ((performance.now() - startedMs) / 1_000),
      generatorPeakMiB: Math.round(process.resourceUsage().maxRSS / kibibytesPerMebibyte),
      machineBusyShare: 1 - (now.idle - ticksBefore.idle) / Math.max(1, now.all - ticksBefore.all),
      ...(samples.length > 0 && {
        runQueuePerCore: samples.reduce((sum, count) => sum + count, 0) / samples.length / availableParallelism(),
      }),
    }
  }
}

function ticks(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times)
  const idle = times.reduce((sum, time) => sum + time.idle, 0)
  return { idle, all: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) }
}

/** The threads that run or wait for a core now; empty where the kernel does not tell. */
function runnable(): number[] {
  try {
    const count = /^procs_running (\d+)/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]
    return count === undefined ? [] : [Number(count)]
  } catch {
    return []
  }
}
