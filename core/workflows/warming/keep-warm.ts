import type { WarmEnvironments } from "../../adapters/lambda/warm-environments.ts"
import { logger } from "../../adapters/telemetry.ts"
import type { WarmTarget, WarmthConfig } from "../../contracts/warmth.ts"
import { needsWarmth, type SaleNow } from "../../domain/warm-window.ts"

export interface KeepWarmDeps extends WarmthConfig {
  /** Sales that sell now, open within a time, or have holds to end. @throws PostgreSQL's errors */
  readonly sales: (withinMs: number) => Promise<readonly SaleNow[]>
  /** Until when an operator wants warm environments, in milliseconds since 1970. @throws PostgreSQL's errors */
  readonly wantedUntilMs: () => Promise<number>
  readonly environments: WarmEnvironments
  readonly nowMs: () => number
}

/** What a look led to. */
export interface Warmed {
  /** True when environments must be warm, false when they may go; undefined when nobody could tell. */
  readonly isWanted: boolean | undefined
  /** Functions for which AWS was asked for another number of environments. */
  readonly changed: readonly string[]
}

const minuteMs = 60_000

/**
 * Makes the number of warm environments follow the sales: those in PostgreSQL, those of the stage's calendar, and the wish of an
 * operator. It asks AWS only where the number differs, so that it may run as often as one likes, and at the same time as itself.
 * When PostgreSQL does not answer, it warms by the calendar and releases nothing.
 *
 * @throws AggregateError when AWS refused some functions, after all were tried
 */
export async function keepWarm(deps: KeepWarmDeps): Promise<Warmed> {
  const isWanted = await isWarmthWanted(deps)
  if (isWanted === undefined) return { isWanted, changed: [] }
  const results = await Promise.allSettled(deps.targets.map((target) => adjust(deps.environments, target, isWanted)))
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []))
  if (failures.length > 0) {
    throw new AggregateError(failures, `AWS did not change the environments of ${failures.length} functions`, {
      cause: failures[0],
    })
  }
  return { isWanted, changed: results.flatMap((result) => (result.status === "fulfilled" && result.value) || []) }
}

async function isWarmthWanted(deps: KeepWarmDeps): Promise<boolean | undefined> {
  const nowMs = deps.nowMs()
  if (deps.windows.some(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs)) return true
  const limits = { beforeMs: deps.minutesBefore * minuteMs, afterMs: deps.minutesAfter * minuteMs }
  try {
    const [sales, wantedUntilMs] = await Promise.all([deps.sales(limits.beforeMs), deps.wantedUntilMs()])
    return wantedUntilMs > nowMs || sales.some((sale) => needsWarmth(sale, limits))
  } catch (error) {
    logger.error("The sales could not be read; the number of warm environments stays as it is", { error: error as Error })
    return undefined
  }
}

/** @returns the function's name when AWS was asked for another number */
async function adjust(environments: WarmEnvironments, target: WarmTarget, isWanted: boolean): Promise<string | undefined> {
  const wanted = isWanted ? target.environments : target.idle
  const asked = await environments.asked(target)
  if (asked === wanted) return undefined
  await environments.ask(target, wanted)
  logger.info("AWS was asked for another number of warm environments", { function: target.functionName, from: asked, wanted })
  return target.functionName
}
