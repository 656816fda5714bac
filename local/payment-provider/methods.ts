/** What a payment method makes the provider do. */
export interface Behaviour {
  readonly authorisation: "authorised" | "declined" | "action-required"
  readonly declineCode?: string
  readonly captureFails?: boolean
  /** The authorisation is done at once, but answered so much later. */
  readonly answersAfterMs?: number
  /** `never`: nothing is done and nothing is answered. `lost-once`: it is done, and the first answer is lost on its way. */
  readonly answers?: "never" | "lost-once"
}

const slowAnswerMs = 3_000

/** Stripe's own test names, and names for what a network does to an answer. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  pm_card_visa: { authorisation: "authorised" },
  pm_card_mastercard: { authorisation: "authorised" },
  pm_card_chargeDeclined: { authorisation: "declined", declineCode: "generic_decline" },
  pm_card_visa_chargeDeclinedInsufficientFunds: { authorisation: "declined", declineCode: "insufficient_funds" },
  pm_card_threeDSecure2Required: { authorisation: "action-required" },
  sim_slow: { authorisation: "authorised", answersAfterMs: slowAnswerMs },
  sim_timeout: { authorisation: "authorised", answers: "never" },
  sim_lost_reply: { authorisation: "authorised", answers: "lost-once" },
  sim_capture_fails: { authorisation: "authorised", captureFails: true },
}

/** @returns undefined for a payment method that does not exist */
export const behaviourOf = (paymentMethod: string): Behaviour | undefined =>
  Object.hasOwn(behaviours, paymentMethod) ? behaviours[paymentMethod] : undefined
