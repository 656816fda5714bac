/** A sale that sells now, opens soon, or has still something to end. Times are from now, by the database's clock. */
export interface SaleNow {
  readonly status: "draft" | "open" | "closed"
  /** Negative when it was to open earlier. Undefined: an operator opens it. */
  readonly opensInMs: number | undefined
  /** Undefined: an operator closes it. */
  readonly closesInMs: number | undefined
  /** How long nothing has been held and nobody has waited; undefined while something is held or somebody waits. */
  readonly atRestMs: number | undefined
}

export interface WarmWindowLimits {
  readonly beforeMs: number
  readonly afterMs: number
}

/** Sales that nobody closes are over after this time without a hold and without a shopper who waits. */
export const longestRestMs = 60 * 60_000

/**
 * Whether a sale needs warm environments now: from a time before its opening, while it sells, and until its last hold has ended.
 * A sale that is open and at rest for an hour needs none: nobody has asked for a unit that it had, for all that time.
 */
export function needsWarmth(
  { status, opensInMs, closesInMs, atRestMs }: SaleNow,
  { beforeMs, afterMs }: WarmWindowLimits,
): boolean {
  if (status === "closed") return atRestMs === undefined
  const opensSoon = opensInMs !== undefined && opensInMs <= beforeMs
  if (status === "draft" && !opensSoon) return false
  if (closesInMs !== undefined && closesInMs + afterMs <= 0) return status === "open" && atRestMs === undefined
  const isNew = opensInMs !== undefined && opensInMs > -longestRestMs
  return isNew || atRestMs === undefined || atRestMs < longestRestMs
}
