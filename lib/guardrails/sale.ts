import type { SaleConfig } from "../config.ts"
import { type Finding, type Guardrail, plain, when } from "./finding.ts"

/** A hold ends at most this late (FR-3). */
const latestExpirySeconds = 10
/** The time of a sweep, and of the transactions before it. */
const sweepMarginSeconds = 2
/** The time to finish work in progress when an invocation of the sweeper ends. */
const invocationMarginSeconds = 30
/**
 * Managed instances start within ten minutes and refuse traffic that doubles within five more. If they do not start, an operator
 * needs a quarter of an hour to act.
 */
const leastWarmUpMinutes = 30
const holdBounds = { least: 30, most: 3_600 } as const

/** An unpaid unit must be for sale again in time. */
export const sweepsAreFrequent: Guardrail = ({ expiry }) => {
  const most = latestExpirySeconds - sweepMarginSeconds
  return when(expiry.sweepIntervalSeconds <= 0 || expiry.sweepIntervalSeconds > most, () => ({
    found: `Holds are swept every ${plain(expiry.sweepIntervalSeconds)} s.`,
    allowed: `above 0 and at most ${most} s: a hold ends at most ${latestExpirySeconds} s late, and a sweep takes up to ${sweepMarginSeconds} s.`,
    fix: "Lower `expiry.sweepIntervalSeconds` and the interval in lambdas/expiry-sweeper/workflow.ts.",
  }))
}

/** EventBridge fires at any moment of its minute: two invocations may begin almost two periods apart. */
export const sweepersOverlap: Guardrail = ({ expiry, functions }) => {
  const { invocationSeconds, scheduleSeconds } = expiry
  const sweeper = functions["expiry-sweeper"]
  const atOnce = Math.ceil(invocationSeconds / scheduleSeconds) + 1
  return [
    ...when(scheduleSeconds < 60 || invocationSeconds < 2 * scheduleSeconds, () => ({
      found: `A sweeper starts every ${plain(scheduleSeconds)} s and sweeps for ${plain(invocationSeconds)} s.`,
      allowed:
        "a schedule of at least 60 s, and invocations of at least two periods: a schedule may fire at any moment of its minute.",
      fix: "Raise `expiry.invocationSeconds` and the time in lambdas/expiry-sweeper/handler.ts.",
    })),
    ...when(sweeper.timeoutSeconds < invocationSeconds + invocationMarginSeconds, () => ({
      found: `The sweeper runs for ${plain(invocationSeconds)} s and is ended after ${plain(sweeper.timeoutSeconds)} s.`,
      allowed: `at least ${plain(invocationSeconds + invocationMarginSeconds)} s, so that work in progress finishes.`,
      fix: 'Raise `functions["expiry-sweeper"].timeoutSeconds`.',
    })),
    ...when((sweeper.reservedConcurrency ?? 0) < atOnce, () => ({
      found: `${plain(sweeper.reservedConcurrency ?? 0)} sweepers may run at once; the schedule asks for up to ${plain(atOnce)}.`,
      allowed: `at least ${plain(atOnce)}.`,
      fix: 'Raise `functions["expiry-sweeper"].reservedConcurrency`.',
    })),
  ]
}

const timeOf = (text: string) => (/Z$/.test(text) ? Date.parse(text) : Number.NaN)

function saleFindings(sale: SaleConfig, sweepIntervalSeconds: number): readonly Finding[] {
  const { skuId, opensAt, closesAt, units, priceMinor, holdSeconds } = sale
  const least = Math.max(holdBounds.least, 2 * (sweepIntervalSeconds + latestExpirySeconds))
  return [
    ...when(!(timeOf(opensAt) < timeOf(closesAt)), () => ({
      found: `The sale of ${skuId} opens at ${opensAt} and closes at ${closesAt}.`,
      allowed: "two times in UTC (2027-03-19T18:00:00Z), the first before the second.",
      fix: "Correct `sales`.",
    })),
    ...when(!(Number.isSafeInteger(units) && units > 0 && Number.isSafeInteger(priceMinor) && priceMinor > 0), () => ({
      found: `The sale of ${skuId} has ${plain(units)} units at ${plain(priceMinor)} minor units.`,
      allowed: "whole numbers above 0.",
      fix: "Correct `sales`.",
    })),
    ...when(!(holdSeconds >= least && holdSeconds <= holdBounds.most), () => ({
      found: `A hold of ${skuId} lasts ${plain(holdSeconds)} s, swept every ${plain(sweepIntervalSeconds)} s.`,
      allowed: `${plain(least)} to ${plain(holdBounds.most)} s: a shorter hold ends while the shopper pays, and a late sweep makes it half as long again.`,
      fix: "Change `holdSeconds` of the sale.",
    })),
  ]
}

/** Each sale of the calendar is valid: the schedules, the pre-warm and the deploy freeze follow from it. */
export const salesMakeSense: Guardrail = ({ sales, expiry }) =>
  sales.flatMap((sale) => saleFindings(sale, expiry.sweepIntervalSeconds))

/** Sales that are open at the same time share the peak: the declared capacity must count all of them. */
export const calendarFitsCapacity: Guardrail = ({ sales, capacity }) => {
  const openTogether = (at: SaleConfig) =>
    sales.filter((sale) => timeOf(sale.opensAt) <= timeOf(at.opensAt) && timeOf(at.opensAt) < timeOf(sale.closesAt))
  const most = Math.max(0, ...sales.map((sale) => openTogether(sale).length))
  return when(most > capacity.hotSkus, () => ({
    found: `${plain(most)} sales of the calendar are open at once.`,
    allowed: `${plain(capacity.hotSkus)}, the declared \`hotSkus\`.`,
    fix: "Raise `capacity.hotSkus` and the rates with it, or move a sale.",
  }))
}

/** Managed instances need time to start, and a shopper with a hold at the close may still pay. */
export const warmUpCoversSale: Guardrail = ({ warmUp, sales, expiry }) => {
  const longestHoldSeconds = Math.max(0, ...sales.map(({ holdSeconds }) => holdSeconds))
  const after = Math.ceil((longestHoldSeconds + latestExpirySeconds + expiry.sweepIntervalSeconds) / 60)
  return when(warmUp.minutesBefore < leastWarmUpMinutes || warmUp.minutesAfter < after, () => ({
    found: `Environments are warmed ${plain(warmUp.minutesBefore)} min before a sale and released ${plain(warmUp.minutesAfter)} min after it.`,
    allowed: `at least ${leastWarmUpMinutes} min before, and ${plain(after)} min after: the last hold must be paid or swept.`,
    fix: "Raise `warmUp.minutesBefore` or `warmUp.minutesAfter`.",
  }))
}

/**
 * EventBridge refuses a schedule in the past: a sale that is over makes a deployment fail that creates or changes its schedules.
 * It is not a guardrail of the synth, whose result must not depend on the date. The app warns with it.
 */
export const salesAreToCome =
  (nowMs: number): Guardrail =>
  ({ sales }) =>
    sales.flatMap(({ skuId, closesAt }) =>
      when(timeOf(closesAt) < nowMs, () => ({
        found: `The sale of ${skuId} closed at ${closesAt}.`,
        allowed: "future sales: EventBridge accepts no schedule in the past, and a deployment that creates or changes one fails.",
        fix: "Remove it from `sales`.",
      })),
    )
