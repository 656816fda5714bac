import type { Decision } from "./decide.ts"

/**
 * How many requests of a batch were served before an earlier one that wanted no more units: a later request of the log has units,
 * and an earlier one of the same SKU was refused as sold out, or waits. Units never come back within a batch, so there is no
 * reason for it, and the promise is 0. Requests that were decided before, and those without a position in the log, do not count.
 */
export function inversionsOf(answers: readonly Decision[]): number {
  const decided = answers.filter(({ repeated, request }) => !repeated && request.offset !== undefined)
  const inOrder = decided.toSorted((a, b) => (a.request.offset ?? 0) - (b.request.offset ?? 0))
  const leastUnserved = new Map<number, number>()
  let inversions = 0
  for (const { request, reservation } of inOrder) {
    const { skuNo, quantity } = request
    const unserved = leastUnserved.get(skuNo) ?? Number.POSITIVE_INFINITY
    if (reservation.outcome === "reserved" && quantity >= unserved) inversions += 1
    if (reservation.outcome === "sold-out" || reservation.outcome === "waitlisted") {
      leastUnserved.set(skuNo, Math.min(unserved, quantity))
    }
  }
  return inversions
}
