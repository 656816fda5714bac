/** What the provider does for a payment method. */
export interface Behaviour {
  readonly authorisation: "authorised" | "declined" | "action-required"
  readonly declineCode?: string
  /** `for-good`: the refused capture ends the payment. `once`: the first capture is refused, and the money stays held. */
  readonly captureFails?: "for-good" | "once"
  /**
   * The first call of the operation fails with 500, which is recorded under its key: `before` the work is done, or `after` it is
   * done. Another key is served as usual.
   */
  readonly breaks?: { readonly at: Operation; readonly when: "before" | "after" }
  /** The authorisation is done at once, but its answer comes this much later. */
  readonly answersAfterMs?: number
  /** `pending`: a refund stays pending until the refund page decides it. `fails`: a refund fails at once. */
  readonly refunds?: "pending" | "fails"
  /** The same as `answers`, for refunds. */
  readonly refundAnswers?: "never" | "lost-once"
  /** `never`: the call is neither done nor answered. `lost-once`: it is done, and its first answer is lost. */
  readonly answers?: "never" | "lost-once"
}

/** An operation on a payment. */
export type Operation = "create" | "capture" | "cancel" | "refund"

const slowAnswerMs = 3_000

/** Stripe's own test methods, and methods of our own that simulate faults of the network and of the provider. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  pm_card_visa: { authorisation: "authorised" },
  pm_card_mastercard: { authorisation: "authorised" },
  pm_card_chargeDeclined: { authorisation: "declined", declineCode: "generic_decline" },
  pm_card_visa_chargeDeclinedInsufficientFunds: { authorisation: "declined", declineCode: "insufficient_funds" },
  pm_card_threeDSecure2Required: { authorisation: "action-required" },
  sim_slow: { authorisation: "authorised", answersAfterMs: slowAnswerMs },
  sim_timeout: { authorisation: "authorised", answers: "never" },
  sim_lost_reply: { authorisation: "authorised", answers: "lost-once" },
  sim_capture_fails: { authorisation: "authorised", captureFails: "for-good" },
  sim_capture_refused_once: { authorisation: "authorised", captureFails: "once" },
  sim_error: { authorisation: "authorised", breaks: { at: "create", when: "before" } },
  sim_error_paid: { authorisation: "authorised", breaks: { at: "create", when: "after" } },
  sim_capture_error: { authorisation: "authorised", breaks: { at: "capture", when: "before" } },
  sim_capture_error_paid: { authorisation: "authorised", breaks: { at: "capture", when: "after" } },
  sim_void_error: { authorisation: "authorised", breaks: { at: "cancel", when: "before" } },
  sim_refund_error: { authorisation: "authorised", breaks: { at: "refund", when: "before" } },
  sim_refund_error_paid: { authorisation: "authorised", breaks: { at: "refund", when: "after" } },
  // The refund page makes the refund of this one fail later; with Stripe it does so by itself.
  pm_card_refundFail: { authorisation: "authorised" },
  pm_card_pendingRefund: { authorisation: "authorised", refunds: "pending" },
  sim_refund_fails: { authorisation: "authorised", refunds: "fails" },
  sim_refund_lost_reply: { authorisation: "authorised", refundAnswers: "lost-once" },
  sim_refund_timeout: { authorisation: "authorised", refundAnswers: "never" },
}

/** @returns undefined for a payment method that does not exist */
export const behaviourOf = (paymentMethod: string): Behaviour | undefined =>
  Object.hasOwn(behaviours, paymentMethod) ? behaviours[paymentMethod] : undefined
