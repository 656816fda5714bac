/** The keys of Redis. All of them are projections: any may vanish at any time without changing a decision. */
export const redisKeys = {
  /** Hash: seq, total, reserved, sold, waitlisted, waitlist_limit, status, mode, opens_at_ms, closes_at_ms, as_of_ms, and `complete` while every live id is loaded. */
  sale: (skuNo: number) => `sale:${skuNo}`,
  /** String: what is known of a reservation, see reservation-view.ts. */
  reservation: (id: string) => `r:${id}`,
  /** String: the moment at which the rate limit of a user is full again, in ms since the epoch. */
  bucket: (userId: string) => `bucket:${userId}`,
  /** Hash: end (offset after the last acknowledged record), next (watermark), rate (decisions a second). */
  line: (partition: number) => `line:${partition}`,
} as const
