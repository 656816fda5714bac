/** What one call of the writer carries through its steps. */
export interface Delivery {
  /** Milliseconds until the invocation must answer. */
  readonly timeLeftMs: () => number
  /** Updates of Redis under way. The call waits for them before it ends; they never reject. */
  readonly projections: Promise<void>[]
}
