/** A log line of a function covers so much time. */
const periodMs = 10_000

/** What a function has processed in a period, for its log line. */
interface Stats {
  readonly function: string
  readonly processed: number
  readonly succeeded: number
  readonly failed: number
  readonly per_second: number
  readonly success_rate_percent: number
}

interface Work {
  succeeded: number
  failed: number
  readonly firstMs: number
  lastMs: number
}

/** Adds up what each function of this process has processed. A function that processes nothing has no log line. */
export function createWorkStats() {
  const work = new Map<string, Work>()
  return {
    add(name: string, succeeded: number, failed: number, nowMs: number): void {
      const known = work.get(name) ?? { succeeded: 0, failed: 0, firstMs: nowMs, lastMs: nowMs }
      work.set(name, known)
      known.succeeded += succeeded
      known.failed += failed
      known.lastMs = nowMs
    },
    /** Log lines for the functions whose period is over. Each begins a new period with its next work. */
    due(nowMs: number): Stats[] {
      const over = [...work].filter(([, { firstMs }]) => nowMs - firstMs >= periodMs)
      for (const [name] of over) work.delete(name)
      return over.map(([name, each]) => statsOf(name, each))
    },
    /** Forgets work that was done for nobody. */
    discard: (): void => work.clear(),
  }
}

/** The rate is over the time from the first to the last work: a process that was frozen meanwhile did not work more slowly. */
function statsOf(name: string, { succeeded, failed, firstMs, lastMs }: Work): Stats {
  const processed = succeeded + failed
  const seconds = Math.max(periodMs, lastMs - firstMs) / 1_000
  return {
    ...{ function: name, processed, succeeded, failed },
    per_second: Math.round((processed / seconds) * 10) / 10,
    success_rate_percent: processed === 0 ? 100 : Math.round((succeeded / processed) * 10_000) / 100,
  }
}
