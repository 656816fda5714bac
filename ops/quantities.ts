/** Sizes and times as people read them. */

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A length of time such as `90s`, `15m`, `2h` or `1d`, in milliseconds; undefined for any other text. */
export function lengthOfTimeMs(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * (unitsMs[unit] ?? 0)
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"] as const

/** 1,536 is `1.5 kB`: a kilobyte has 1,024 bytes, as PostgreSQL and Redis count. */
export function bytesText(bytes: number): string {
  const power = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10)))
  const value = bytes / 1_024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${byteUnits[power]}`
}

/** 1,234 ms is `1.2 s`. @param ms milliseconds */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 3_600_000) return `${(ms / 60_000).toFixed(1)} min`
  return `${(ms / 3_600_000).toFixed(1)} h`
}
