/**
 * How often an open page asks. Ten thousand pages are open at once, and all of them opened for the same moment: every pace has a
 * random part, grows while answers fail, and is slower while nobody looks at the page.
 */
export const paces = {
  /** The edge keeps an answer about stock for 1 s: a page never asks sooner, and usually half as often. */
  availabilityMs: 2_000,
  /** Before the opening, and while a reservation is what the shopper looks at, the stock changes nothing for them. */
  calmAvailabilityMs: 15_000,
  /** The stock of each sale on the list. */
  listedStockMs: 30_000,
  /** The catalogue, on the list of sales. */
  catalogueMs: 15_000,
  /** A queued request, where the answer names no time. */
  queuedMs: 1_000,
  /** A place on the waitlist, where the answer names no time. */
  waitlistedMs: 5_000,
  /** A place near the head of the waitlist: a released unit is shown within a second. */
  nearHeadMs: 600,
  /** The same in a hidden page: its title and its sound call the shopper back. */
  nearHeadHiddenMs: 2_000,
  /** A hold that another tab may have paid or given back, or that an operator may have extended. */
  heldMs: 20_000,
  /** A status that this version of the page does not know. */
  unknownMs: 5_000,
  /** Nothing is asked less often than this while a request is open. */
  hiddenMs: 30_000,
  /** The shortest time between two tries of a failed call, doubled with each failure. */
  retryMs: 1_000,
  longestRetryMs: 15_000,
  /** Buttons of all pages do not arm in the same instant. */
  openingSpreadMs: 800,
} as const

/** Entries at the head of a waitlist whose pages ask every `nearHeadMs`. So few, that their reads are a fixed small load. */
export const nearHeadEntries = 100

/** Sales of the list whose stock is shown: the first ones. */
export const listedStocks = 12

/** Up to this share is added to a pace. Nothing is subtracted: `Retry-After` is the earliest moment. */
export const jitterRatio = 0.25

/** A pace with its random part. `random` is in [0, 1). */
export const spread = (ms: number, random: number): number => Math.round(ms * (1 + jitterRatio * random))

/** The pause before the next try after this many failures in a row, at least what the answer asked for. */
export function retryDelayMs(failures: number, retryAfterSeconds: number | undefined, random: number): number {
  const doubled = Math.min(paces.longestRetryMs, paces.retryMs * 2 ** Math.min(Math.max(failures - 1, 0), 10))
  return spread(Math.max(doubled, (retryAfterSeconds ?? 0) * 1_000), random)
}

/** What the pace of status reads depends on. */
export interface Followed {
  readonly status: string
  readonly position?: number | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly isHidden: boolean
}

/** The pause until the next read of a reservation, without its random part; undefined when nothing can change any more. */
export function statusPaceMs({ status, position, retryAfterSeconds, isHidden }: Followed): number | undefined {
  if (isFinal(status)) return undefined
  const shown = shownPaceMs(status, position, retryAfterSeconds)
  if (isHidden && status === "WAITLISTED" && isNearHead(position)) return paces.nearHeadHiddenMs
  // A hidden page in the queue goes on at half the pace: its hold begins without the shopper looking.
  return isHidden ? Math.max(shown, status === "QUEUED" ? shown * 2 : paces.hiddenMs / 2) : shown
}

function shownPaceMs(status: string, position: number | undefined, retryAfterSeconds: number | undefined): number {
  const asked = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000
  if (status === "QUEUED") return asked ?? paces.queuedMs
  if (status === "RESERVED") return paces.heldMs
  if (status !== "WAITLISTED") return asked ?? paces.unknownMs
  return isNearHead(position) ? paces.nearHeadMs : (asked ?? paces.waitlistedMs)
}

const isNearHead = (position: number | undefined): boolean => position !== undefined && position < nearHeadEntries

const finalStatuses: ReadonlySet<string> = new Set(["REFUSED", "CONFIRMED", "EXPIRED", "CANCELLED", "LAPSED"])

/** True for a status that never changes. A status of a newer version of the API may change. */
export const isFinal = (status: string): boolean => finalStatuses.has(status)

/** The pause until the next read of the stock, without its random part. */
export const availabilityPaceMs = (isOfInterest: boolean, isHidden: boolean): number =>
  isHidden ? paces.hiddenMs * 2 : isOfInterest ? paces.availabilityMs : paces.calmAvailabilityMs
