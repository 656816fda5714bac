/** What an event of a sale means for the figures of analytics. Events that change no figure are `other`. */
export type SaleFact =
  | { readonly kind: "reserved" | "waitlisted" | "promoted" | "expired" | "cancelled" | "lapsed"; readonly units: number }
  | { readonly kind: "refused"; readonly reasons: Readonly<Record<string, number>> }
  | { readonly kind: "confirmed"; readonly units: number }
  | { readonly kind: "paid" | "payment-failed"; readonly amountMinor: number; readonly currency: string }
  | { readonly kind: "refunded" | "partly-refunded" | "refund-failed"; readonly amountMinor: number; readonly currency: string }
  | { readonly kind: "other" }

/** The counters of a sale, or of several. Money is in minor units. */
export interface Counts {
  /** Events, those that change no other counter included. */
  events: number
  /** Requests that were decided RESERVED at once. */
  reserved: number
  /** Requests that were decided WAITLISTED. */
  waitlisted: number
  /** Requests that were refused by a decision. A refusal at admission is no decision and no event. */
  refused: number
  /** Waiting requests that were given their units later. */
  promoted: number
  /** Reservations that were paid for at checkout; each is an order. */
  confirmed: number
  /** Holds that ended unpaid. */
  expired: number
  cancelled: number
  /** Waiting requests for which there were no units until the sale closed. */
  lapsed: number
  /** Orders whose money was captured. */
  paid: number
  /** Orders whose money could not be captured. */
  paymentFailed: number
  /** Orders whose whole money went back. */
  refunded: number
  /** Units that were held: of requests decided RESERVED, and of promoted ones. */
  unitsHeld: number
  /** Units of confirmed reservations. */
  unitsConfirmed: number
}

/** A counter with a value for each reason or currency. */
export type CountsByName = Map<string, number>

/** The counters of one SKU. */
export interface SkuCounts extends Counts {
  readonly refusedByReason: CountsByName
  /** Captured money, by currency. */
  readonly revenueMinor: CountsByName
  /** Money that went back, by currency, less refunds that failed later. */
  readonly refundedMinor: CountsByName
}

/** The names of the plain counters, in the order in which a stored state has them. A new one goes to the end. */
export const counterNames = [
  "events",
  "reserved",
  "waitlisted",
  "refused",
  "promoted",
  "confirmed",
  "expired",
  "cancelled",
  "lapsed",
  "paid",
  "paymentFailed",
  "refunded",
  "unitsHeld",
  "unitsConfirmed",
] as const satisfies readonly (keyof Counts)[]

export const noCounts = (): SkuCounts => ({
  events: 0,
  reserved: 0,
  waitlisted: 0,
  refused: 0,
  promoted: 0,
  confirmed: 0,
  expired: 0,
  cancelled: 0,
  lapsed: 0,
  paid: 0,
  paymentFailed: 0,
  refunded: 0,
  unitsHeld: 0,
  unitsConfirmed: 0,
  refusedByReason: new Map(),
  revenueMinor: new Map(),
  refundedMinor: new Map(),
})

/** Adds one event to the counters, which it changes. */
export function addFact(counts: SkuCounts, fact: SaleFact): void {
  counts.events += 1
  switch (fact.kind) {
    case "reserved":
      counts.reserved += 1
      counts.unitsHeld += fact.units
      return
    case "promoted":
      counts.promoted += 1
      counts.unitsHeld += fact.units
      return
    case "confirmed":
      counts.confirmed += 1
      counts.unitsConfirmed += fact.units
      return
    case "waitlisted":
    case "expired":
    case "cancelled":
    case "lapsed":
      counts[fact.kind] += 1
      return
    case "refused":
      counts.refused += refusalsIn(fact)
      for (const [reason, requests] of Object.entries(fact.reasons)) add(counts.refusedByReason, reason, requests)
      return
    case "paid":
      counts.paid += 1
      add(counts.revenueMinor, fact.currency, fact.amountMinor)
      return
    case "payment-failed":
      counts.paymentFailed += 1
      return
    case "refunded":
    case "partly-refunded":
      if (fact.kind === "refunded") counts.refunded += 1
      add(counts.refundedMinor, fact.currency, fact.amountMinor)
      return
    case "refund-failed":
      add(counts.refundedMinor, fact.currency, -fact.amountMinor)
      return
    case "other":
      return
  }
}

/** Requests that an event refuses. */
export const refusalsIn = (fact: SaleFact): number =>
  fact.kind === "refused" ? Object.values(fact.reasons).reduce((sum, requests) => sum + requests, 0) : 0

/** Adds `more` to the counters, which it changes. */
export function addCounts(counts: SkuCounts, more: SkuCounts): void {
  for (const name of counterNames) counts[name] += more[name]
  for (const [reason, requests] of more.refusedByReason) add(counts.refusedByReason, reason, requests)
  for (const [currency, money] of more.revenueMinor) add(counts.revenueMinor, currency, money)
  for (const [currency, money] of more.refundedMinor) add(counts.refundedMinor, currency, money)
}

function add(counts: CountsByName, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more)
}
