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
}

const mebibyte = 2 ** 20
const kibibytesPerMebibyte = 1_024

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
  return () => {
    const { user, system } = process.cpuUsage(cpuBefore)
    const cpuSeconds = (user + system) / 1e6
    const now = ticks()
    return {
      generatorCpuSeconds: cpuSeconds,
      generatorCpuShare: cpuSeconds / ((performance.now() - startedMs) / 1_000),
      generatorPeakMiB: Math.round(process.resourceUsage().maxRSS / kibibytesPerMebibyte),
      machineBusyShare: 1 - (now.idle - ticksBefore.idle) / Math.max(1, now.all - ticksBefore.all),
    }
  }
}

function ticks(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times)
  const idle = times.reduce((sum, time) => sum + time.idle, 0)
  return { idle, all: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) }
}
