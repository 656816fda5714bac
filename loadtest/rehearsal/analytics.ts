import { setTimeout as delay } from "node:timers/promises"
import type { AnalyticsReport } from "../../core/contracts/analytics.ts"
import type { SkuStats } from "../../core/contracts/http/admin.ts"
import type { Story } from "./story.ts"

/** Analytics works behind the sale: the last captures and expiries, the relay and the consumer each need seconds. */
const caughtUpWithinMs = 60_000
const pollMs = 500

/** What PostgreSQL says about the sale, by its counters and by the reservations and orders that were read back. */
export interface Truth {
  readonly stats: SkuStats
  readonly stories: readonly Story[]
}

/**
 * Reads the figures of the sale until they are those of PostgreSQL.
 *
 * @returns the last figures, also when they still differ after a minute; undefined when they could not be read
 */
export async function countedFigures(
  read: () => Promise<AnalyticsReport>,
  truth: Truth,
  withinMs = caughtUpWithinMs,
): Promise<AnalyticsReport | undefined> {
  const endsAtMs = performance.now() + withinMs
  for (;;) {
    const figures = await read().catch(() => undefined)
    if (performance.now() >= endsAtMs || (figures && wrongFigures(figures, truth).length === 0)) return figures
    await delay(pollMs)
  }
}

/** Where the figures of analytics are not those of PostgreSQL. */
export function wrongFigures({ totals }: AnalyticsReport, { stats, stories }: Truth): string[] {
  const { reserved, waitlisted, refused } = stats.decisions
  const orders = stories.flatMap((story) => story.orders ?? [])
  const captured = orders.filter(({ status }) => status !== "FAILED")
  const expired = stories.filter(({ final }) => final?.status === "EXPIRED").length
  // A shopper whose request was never answered does not know their reservation: it was not read back.
  const unknown = stories.filter(({ final, unanswered }) => final === undefined && unanswered.has("reserve")).length
  const differs = (name: string, counted: number, is: number): string[] =>
    counted === is ? [] : [`${name}: ${counted} counted, ${is} in PostgreSQL`]
  return [
    ...differs("reserved", totals.reserved, reserved),
    ...differs("waitlisted", totals.waitlisted, waitlisted),
    ...Object.entries(refused).flatMap(([reason, requests]) =>
      differs(`refused (${reason})`, totals.refused_by_reason[reason] ?? 0, requests),
    ),
    ...differs("confirmed", totals.confirmed, orders.length),
    ...differs("units sold", totals.units_confirmed - totals.payment_failed, stats.sold),
    ...(totals.expired > expired + unknown ? differs("expired", totals.expired, expired) : []),
    ...(totals.expired < expired ? differs("expired", totals.expired, expired) : []),
    ...differs(
      "revenue",
      Object.values(totals.revenue_minor).reduce((sum, money) => sum + money, 0),
      captured.reduce((sum, { amount_minor }) => sum + amount_minor, 0),
    ),
  ]
}
