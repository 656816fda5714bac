import { createHash } from "node:crypto"
import type { Outcome, RefusalReason, State } from "./reservation.ts"

/** OPEN -> ACTION_REQUIRED | AUTHORISED | DECLINED -> CONFIRMED | ABANDONED; CONFIRMED, DECLINED and ABANDONED are final. */
export type AttemptStatus = "OPEN" | "ACTION_REQUIRED" | "AUTHORISED" | "DECLINED" | "CONFIRMED" | "ABANDONED"

/** One attempt to pay for a reservation, under one idempotency key. */
export interface PaymentAttempt {
  readonly attemptId: string
  readonly status: AttemptStatus
  readonly bodyHash: number
  readonly amountMinor: number
  readonly currency: string
  /** The provider's name of the payment; absent until the provider has answered. */
  readonly providerRef?: string
  readonly declineCode?: string
  /** True when the provider holds no money that has to be released or refunded. */
  readonly settled: boolean
}

/** Everything that the next step of a checkout depends on, from one snapshot. */
export interface CheckoutFacts {
  readonly reservation: {
    readonly state: State
    readonly outcome: Outcome
    /** The hold has run out by PostgreSQL's clock; its expiry may not be recorded yet. */
    readonly overdue: boolean
  }
  /** The attempt under the shopper's key. */
  readonly attempt?: PaymentAttempt
  /** An attempt under another key is still open. */
  readonly otherAttemptOpen: boolean
  /** The provider's page where the shopper authenticates; absent until the provider was asked. */
  readonly actionUrl?: string
}

/** Why a checkout is refused. */
export type CheckoutRefusal =
  | RefusalReason
  | "idempotency-key-reused"
  | "not-decided-yet"
  | "payment-in-progress"
  | "request-lost"
  | "reservation-expired"
  | "reservation-cancelled"

/** How a checkout ends: with the order, with a refusal, or with a page of the provider where the shopper continues. */
export type CheckoutEnding =
  | { readonly kind: "order" }
  | { readonly kind: "declined"; readonly code: string }
  | { readonly kind: "action-required"; readonly url: string }
  | { readonly kind: "refuse"; readonly reason: CheckoutRefusal }

/** The next step of a checkout. After every step that is no ending, the facts are read again. */
export type CheckoutStep =
  | CheckoutEnding
  | { readonly kind: "expire" }
  | { readonly kind: "record" }
  | { readonly kind: "authorise"; readonly attempt: PaymentAttempt }
  | { readonly kind: "retrieve"; readonly ref: string }
  | { readonly kind: "confirm" }
  | { readonly kind: "abandon" }
  | { readonly kind: "cancel-payment"; readonly ref: string; readonly ending: CheckoutEnding }

/** The decline code of a payment whose shopper has to authenticate, while the provider has no page for them. */
export const authenticationRequired = "authentication_required"
/** The decline code of a payment whose shopper did not authenticate. */
export const authenticationFailed = "payment_intent_authentication_failure"

/** The decline code of an attempt for which the provider recorded a failure, which it repeats for every call. */
export const providerFailed = "provider_failed"

/** A 32-bit hash of a checkout's request. It shows that an idempotency key came again with another payment method. */
export const checkoutHashOf = (paymentMethod: string): number =>
  createHash("sha256").update(paymentMethod).digest().readInt32BE(0)

const openStatuses: ReadonlySet<AttemptStatus> = new Set(["OPEN", "ACTION_REQUIRED", "AUTHORISED"])

/**
 * Decides the next step of a checkout. It is called again after every step. So a call needs no rules of its own when it continues
 * another one, runs in parallel to it, or lost against expiry or a cancel.
 */
export function nextStep(facts: CheckoutFacts, bodyHash: number): CheckoutStep {
  const { reservation, attempt } = facts
  if (attempt && attempt.bodyHash !== bodyHash) return { kind: "refuse", reason: "idempotency-key-reused" }
  if (reservation.state === "RESERVED") return reservation.overdue ? { kind: "expire" } : stepOfHold(facts)
  // The hold is over. A payment that lost is abandoned first and cancelled afterwards: after a crash in between, the reconciler
  // cancels it.
  if (attempt && openStatuses.has(attempt.status)) return { kind: "abandon" }
  const ending = endingOf(facts)
  if (attempt?.status === "ABANDONED" && attempt.providerRef !== undefined && !attempt.settled) {
    return { kind: "cancel-payment", ref: attempt.providerRef, ending }
  }
  return ending
}

function stepOfHold({ attempt, otherAttemptOpen, actionUrl }: CheckoutFacts): CheckoutStep {
  switch (attempt?.status) {
    case undefined:
      return otherAttemptOpen ? { kind: "refuse", reason: "payment-in-progress" } : { kind: "record" }
    case "OPEN":
      return { kind: "authorise", attempt }
    case "ACTION_REQUIRED":
      if (actionUrl !== undefined) return { kind: "action-required", url: actionUrl }
      // The payment's name is not known: the provider returns the same payment when the same attempt is authorised again.
      return attempt.providerRef === undefined ? { kind: "authorise", attempt } : { kind: "retrieve", ref: attempt.providerRef }
    case "AUTHORISED":
      return { kind: "confirm" }
    case "DECLINED":
    case "ABANDONED":
      return { kind: "declined", code: attempt.declineCode ?? "abandoned" }
    case "CONFIRMED":
      throw new Error(`Attempt ${attempt.attemptId} is confirmed, but its reservation is not`)
  }
}

function endingOf({ reservation: { state, outcome } }: CheckoutFacts): CheckoutEnding {
  switch (state) {
    case "CONFIRMED":
      return { kind: "order" }
    case "EXPIRED":
      return { kind: "refuse", reason: "reservation-expired" }
    case "CANCELLED":
      return { kind: "refuse", reason: "reservation-cancelled" }
    case "LAPSED":
      return { kind: "refuse", reason: "sale-closed" }
    case "REFUSED":
      return { kind: "refuse", reason: refusalOf(outcome) }
    default:
      return { kind: "refuse", reason: "not-decided-yet" }
  }
}

function refusalOf(outcome: Outcome): RefusalReason {
  if (outcome === "reserved" || outcome === "waitlisted") throw new Error(`A refused reservation was decided as ${outcome}`)
  return outcome
}
