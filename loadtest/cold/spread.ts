import * as z from "zod"

/** The middle of several measurements, and how far they lie apart. */
export const Spread = z.strictObject({ median: z.number(), min: z.number(), max: z.number() })
export type Spread = z.infer<typeof Spread>

/** @throws Error without a value */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) throw new Error("There is no measurement")
  const half = sorted.length / 2
  const median = ((sorted[Math.ceil(half) - 1] ?? min) + (sorted[Math.floor(half)] ?? max)) / 2
  return { median, min, max }
}
