import type { ContestantName, Result, Run } from "../measure/result.ts"
import { sizeOf } from "./table.ts"

/** The rivals that the writer is compared with. They use the same processor and the same disk for every decision. */
const yardsticks: readonly ContestantName[] = ["row-lock", "conditional"]
/** A ratio below this share of the earlier ratio is a regression. Two runs on a quiet machine differ by less. */
const leastShare = 0.85

/** How often the writer decides while the rivals of the same run decide once: in the earlier run and in this one. */
export interface Comparison {
  readonly result: string
  readonly before: number
  readonly after: number
  readonly isRegression: boolean
}

const isWriter = ({ name }: Result): boolean => name === "writer" || name === "writer-projected"
const keyOf = (result: Result): string => `${result.name}, ${result.profile}, ${sizeOf(result)}`

/**
 * Compares two runs by ratios alone. A slower machine makes the rivals slower, too, and is no regression. A slower writer is a
 * regression on any machine.
 *
 * @throws Error when a run lacks a rival, because then there is nothing to compare the writer with
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

/** The geometric mean of the rivals' best results, in decisions a second. */
function yardstickOf({ at, results }: Run): number {
  const logs = yardsticks.map((name) => {
    const best = results.find((result) => result.name === name && result.profile === "all-accepted" && result.best)
    if (best === undefined) throw new Error(`The run of ${at} has no ${name} to compare the writer with`)
    return Math.log(best.per_second)
  })
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
}

export const yardstickText = `the mean (geometric) of the best of ${yardsticks.join(" and ")} in the same run`

/** A comparison as one line for people. */
export const comparisonLine = ({ result, before, after, isRegression }: Comparison): string =>
  `${isRegression ? "REGRESSION" : "ok        "}  ${result.padEnd(44)} ${before.toFixed(2).padStart(7)} -> ${after.toFixed(2).padStart(7)}`
