import type { ContestantName, Result, Run } from "../measure/result.ts"
import { sizeOf } from "./table.ts"

/** What the writer is held against: rivals that pay for every decision with the same processor and the same disk. */
const yardsticks: readonly ContestantName[] = ["row-lock", "conditional"]
/** A ratio that fell below this share of what it was is a regression; two runs on a quiet machine differ by less. */
const leastShare = 0.85

/** How often the writer decides while the rivals of the same run decide once: then and now. */
export interface Comparison {
  readonly result: string
  readonly before: number
  readonly after: number
  readonly isRegression: boolean
}

const isWriter = ({ name }: Result): boolean => name === "writer" || name === "writer-projected"
const keyOf = (result: Result): string => `${result.name}, ${result.profile}, ${sizeOf(result)}`

/**
 * Compares two runs by ratios alone: a slower machine makes the rivals slower, too, and is no regression; a slower writer is one,
 * on whatever machine.
 *
 * @throws Error when a run lacks a rival, for then there is nothing to hold the writer against
 */
export function compareRuns(before: Run, after: Run): Comparison[] {
  const earlier = ratiosOf(before)
  return [...ratiosOf(after)].flatMap(([result, ratio]) => {
    const known = earlier.get(result)
    if (known === undefined) return []
    return [{ result, before: known, after: ratio, isRegression: ratio < leastShare * known }]
  })
}

/** The writer's results as multiples of the yardstick. */
export function ratiosOf(run: Run): Map<string, number> {
  const yardstick = yardstickOf(run)
  return new Map(run.results.filter(isWriter).map((result) => [keyOf(result), result.per_second / yardstick]))
}

/** The geometric mean of what the rivals reach at their best, in decisions a second. */
function yardstickOf({ at, results }: Run): number {
  const logs = yardsticks.map((name) => {
    const best = results.find((result) => result.name === name && result.profile === "all-accepted" && result.best)
    if (best === undefined) throw new Error(`The run of ${at} has no ${name} to hold the writer against`)
    return Math.log(best.per_second)
  })
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
}

export const yardstickText = `the mean (geometric) of the best of ${yardsticks.join(" and ")} in the same run`

/** For people. */
export const comparisonLine = ({ result, before, after, isRegression }: Comparison): string =>
  `${isRegression ? "REGRESSION" : "ok        "}  ${result.padEnd(44)} ${before.toFixed(2).padStart(7)} -> ${after.toFixed(2).padStart(7)}`
