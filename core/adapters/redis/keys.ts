/** The keys of Redis. They are projections: Redis may lose any of them at any time, and no decision changes. */
export const redisKeys = {
  /**
   * Hash: seq, total, reserved, sold, waitlisted, waitlist_limit, status, mode, opens_at_ms, closes_at_ms, as_of_ms, `complete`
   * while every live id is loaded, and `resting` while PostgreSQL has the sale at rest. The key of a closed sale at rest has a
   * time to live.
   */
  sale: (skuNo: number) => `sale:${skuNo}`,
  /**
   * String: the view of a reservation, see reservation-codec.ts. The copies of its request are counted in this key with `:copies`
   * behind it; see admit.lua.
   */
  reservation: (id: string) => `r:${id}`,
  /**
   * String: the moment at which the rate limit of a user is full again, in ms since the epoch, and the last requests; see
   * admit.lua.
   */
  bucket: (userId: string) => `bucket:${userId}`,
  /** String: the same for a TLS client at an address, named by its pseudonym, and its users; see admit.lua. */
  source: (source: string) => `source:${source}`,
  /** Hash of a partition: end (offset after the last acknowledged record), next (watermark), rate (decisions a second). */
  partition: (partition: number) => `line:${partition}`,
  /** String: written to find out whether the server takes writes; gone a second later. */
  probe: "probe",
  /** Hash of all partitions: `complete` while every request that was accepted and is not decided has its view here. */
  queue: "queue",
  /** String: until when no sale at rest has changed, in ms since the epoch. */
  restingAsOf: "resting-as-of",
  /** String: the `traceparent` of a reservation whose request is traced, for the relay of its events. */
  trace: (id: string) => `trace:${id}`,
  /** String: when the next call to the payment provider may be made, in us since the epoch; see take-turn.lua. */
  paymentTurns: "payment-turns",
} as const
