import type { TallySummary } from "./tally.ts"

/** The service levels for p95, in milliseconds. The payment provider takes 200 ms of a checkout. */
export const limitsMs = { read: 150, decision: 120, checkout: 450 } as const

/** A service level with the figure of this sale. */
export interface ServiceLevel {
  readonly id: "NFR-1" | "NFR-2" | "NFR-3"
  readonly meaning: string
  readonly limitMs: number
  readonly count: number
  readonly p95Ms: number
  readonly verdict: "met" | "missed" | "not measured"
}

/** Each service level of the reads, the decisions and the payments: met or missed. */
export function serviceLevelsOf({
  looks,
  decision,
  calls: byCall,
}: Pick<TallySummary, "looks" | "decision" | "calls">): ServiceLevel[] {
  const reads = [byCall.availability.latency, byCall.status.latency]
  const slowestRead = { count: sumOf(reads.map(({ count }) => count)), p95Ms: Math.max(...reads.map(({ p95Ms }) => p95Ms)) }
  return [
    level("NFR-1", "a read of the stock, as a shopper sees it", limitsMs.read, looks),
    level("NFR-1", "a read that reaches the API, the slower kind", limitsMs.read, slowestRead),
    level("NFR-2", "from the request for a unit to the decision", limitsMs.decision, decision),
    level("NFR-3", "a checkout; the payment provider takes 200 ms of it", limitsMs.checkout, byCall.checkout.latency),
  ]
}

function level(
  id: ServiceLevel["id"],
  meaning: string,
  limitMs: number,
  { count, p95Ms }: { readonly count: number; readonly p95Ms: number },
): ServiceLevel {
  const verdict = count === 0 ? "not measured" : p95Ms <= limitMs ? "met" : "missed"
  return { id, meaning, limitMs, count, p95Ms, verdict }
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
