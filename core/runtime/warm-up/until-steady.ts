/** One round of a warm-up. It begins no further call when no time is left. */
export type Round = (timeLeftMs: () => number) => Promise<unknown>

/** When the rounds of a warm-up end. */
export interface SteadyLimits {
  /** No call begins after this time. */
  readonly longestMs: number
  readonly leastRounds: number
  /** Rounds in a row that are hardly faster than the fastest before them. */
  readonly steadyRounds: number
  /** A round that takes less than this share of the fastest one before is still getting faster. */
  readonly fasterShare: number
}

export const steadyLimits: SteadyLimits = { longestMs: 6_000, leastRounds: 4, steadyRounds: 2, fasterShare: 0.95 }

/** Costs of the rounds so far, in any unit. */
export function isSteady(costs: readonly number[], { leastRounds, steadyRounds, fasterShare }: SteadyLimits): boolean {
  if (costs.length < Math.max(leastRounds, steadyRounds + 1)) return false
  const before = Math.min(...costs.slice(0, -steadyRounds))
  return costs.slice(-steadyRounds).every((cost) => cost >= before * fasterShare)
}

/**
 * Runs rounds until they stop getting faster, or until time is up.
 * @param round does one round
 * @param costMs processor time of this process so far
 * @returns the cost of each round in milliseconds
 */
export async function untilSteady(
  round: Round,
  limits: SteadyLimits = steadyLimits,
  costMs: () => number = processorMs,
): Promise<number[]> {
  const endsAtMs = performance.now() + limits.longestMs
  const costs: number[] = []
  while (!isSteady(costs, limits) && (costs.length === 0 || performance.now() < endsAtMs)) {
    const before = costMs()
    await round(() => endsAtMs - performance.now())
    costs.push(costMs() - before)
  }
  return costs
}

/** The processor time counts, and not the time that passed: other processes start on the same processors. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
