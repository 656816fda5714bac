import type { SaleConfig } from "../config.ts"
import { type Finding, type Guardrail, plain, when } from "./finding.ts"

/** A hold ends at most this late (FR-3). */
const latestExpirySeconds = 10
/** A sweep itself, and the transactions in front of it. */
const sweepMarginSeconds = 2
/** What is under way when an invocation of the sweeper ends. */
const invocationMarginSeconds = 30
/** Managed instances start in minutes, and somebody must still be able to act when they do not. */
const leastWarmUpMinutes = 10
const holdBounds = { least: 30, most: 3_600 } as const

/** A unit that nobody paid for is for sale again in time. */
export const sweepsAreFrequent: Guardrail = ({ expiry }) => {
  const most = latestExpirySeconds - sweepMarginSeconds
  return when(expiry.sweepIntervalSeconds <= 0 || expiry.sweepIntervalSeconds > most, () => ({
    found: `Holds are swept every ${plain(expiry.sweepIntervalSeconds)} s.`,
    allowed: `above 0 and at most ${most} s: a hold ends at most ${latestExpirySeconds} s late, and a sweep takes up to ${sweepMarginSeconds} s.`,
    fix: "Lower `expiry.sweepIntervalSeconds` and the interval in lambdas/expiry-sweeper/workflow.ts.",
  }))
}

/** EventBridge fires anywhere in its minute: two invocations may begin almost two periods apart. */
export const sweepersOverlap: Guardrail = ({ expiry, functions }) => {
  const { invocationSeconds, scheduleSeconds } = expiry
  const sweeper = functions["expiry-sweeper"]
  const atOnce = Math.ceil(invocationSeconds / scheduleSeconds) + 1
  return [
    ...when(scheduleSeconds < 60 || invocationSeconds < 2 * scheduleSeconds, () => ({
      found: `A sweeper starts every ${plain(scheduleSeconds)} s and sweeps for ${plain(invocationSeconds)} s.`,
      allowed:
        "a schedule of at least 60 s, and invocations of at least two periods: a schedule may fire anywhere in its minute.",
      fix: "Raise `expiry.invocationSeconds` and the time in lambdas/expiry-sweeper/handler.ts.",
    })),
    ...when(sweeper.timeoutSeconds < invocationSeconds + invocationMarginSeconds, () => ({
      found: `The sweeper runs for ${plain(invocationSeconds)} s and is ended after ${plain(sweeper.timeoutSeconds)} s.`,
      allowed: `at least ${plain(invocationSeconds + invocationMarginSeconds)} s, so that what is under way finishes.`,
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
      allowed: `${plain(least)} to ${plain(holdBounds.most)} s: shorter ones end while shoppers pay, and last half as long again by being swept late.`,
      fix: "Change `holdSeconds` of the sale.",
    })),
  ]
}

/** Each sale of the calendar can be held: the schedules, the pre-warm and the deploy freeze are made from it. */
export const salesMakeSense: Guardrail = ({ sales, expiry }) =>
  sales.flatMap((sale) => saleFindings(sale, expiry.sweepIntervalSeconds))

/** Sales that are open together are hot together: the capacity must have been declared for as many. */
export const calendarFitsCapacity: Guardrail = ({ sales, capacity }) => {
  const openTogether = (at: SaleConfig) =>
    sales.filter((sale) => timeOf(sale.opensAt) <= timeOf(at.opensAt) && timeOf(at.opensAt) < timeOf(sale.closesAt))
  const most = Math.max(0, ...sales.map((sale) => openTogether(sale).length))
  return when(most > capacity.hotSkus, () => ({
    found: `${plain(most)} sales of the calendar are open at once.`,
    allowed: `${plain(capacity.hotSkus)}, the declared \`hotSkus\`.`,
    fix: "Raise `capacity.hotSkus` with the rates it brings, or move a sale.",
  }))
}

/** Managed instances are not there at once, and who holds a unit at the close still pays for it. */
export const warmUpCoversSale: Guardrail = ({ warmUp, sales, expiry }) => {
  const longestHoldSeconds = Math.max(0, ...sales.map(({ holdSeconds }) => holdSeconds))
  const after = Math.ceil((longestHoldSeconds + latestExpirySeconds + expiry.sweepIntervalSeconds) / 60)
  return when(warmUp.minutesBefore < leastWarmUpMinutes || warmUp.minutesAfter < after, () => ({
    found: `Environments are warmed ${plain(warmUp.minutesBefore)} min before a sale and let go ${plain(warmUp.minutesAfter)} min after it.`,
    allowed: `at least ${leastWarmUpMinutes} min before, and ${plain(after)} min after: the last hold must be paid or swept.`,
    fix: "Raise `warmUp.minutesBefore` or `warmUp.minutesAfter`.",
  }))
}

/**
 * EventBridge refuses a schedule in the past, so that a sale that is over stands in the way of a stage that is made anew, or that warms
 * something else than it did. No guardrail of the synth, which must say the same every day: the app warns with it.
 */
export const salesAreToCome =
  (nowMs: number): Guardrail =>
  ({ sales }) =>
    sales.flatMap(({ skuId, closesAt }) =>
      when(timeOf(closesAt) < nowMs, () => ({
        found: `The sale of ${skuId} closed at ${closesAt}.`,
        allowed: "sales to come: EventBridge takes no schedule in the past, and a deployment that makes or changes one fails.",
        fix: "Remove it from `sales`.",
      })),
    )
