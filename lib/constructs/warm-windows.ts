import type { StageConfig } from "../config.ts"

/** A time in which environments are kept warm, in milliseconds since 1970. */
export interface WarmWindow {
  readonly fromMs: number
  readonly untilMs: number
}

const minuteMs = 60_000

/** When environments must be warm: around each sale. Windows that touch become one, so that no sale releases another's. */
export function warmWindows({ sales, warmUp }: Pick<StageConfig, "sales" | "warmUp">): WarmWindow[] {
  const windows = sales
    .map(({ opensAt, closesAt }) => ({
      fromMs: Date.parse(opensAt) - warmUp.minutesBefore * minuteMs,
      untilMs: Date.parse(closesAt) + warmUp.minutesAfter * minuteMs,
    }))
    .sort((a, b) => a.fromMs - b.fromMs)
  const merged: WarmWindow[] = []
  for (const window of windows) {
    const last = merged.at(-1)
    if (last && window.fromMs <= last.untilMs) {
      merged[merged.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, window.untilMs) }
    } else merged.push(window)
  }
  return merged
}
