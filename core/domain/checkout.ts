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
  /** The provider's name of the payment, once it is known. */
  readonly providerRef?: string
  readonly declineCode?: string
  /** True when nothing of the attempt is left to give back. */
  readonly settled: boolean
}

/** Everything the next step of a checkout depends on, as one snapshot shows it. */
export interface CheckoutFacts {
  readonly reservation: {
    readonly state: State
    readonly outcome: Outcome
    /** The hold has run out by PostgreSQL's clock, whether or not anybody has noticed. */
    readonly overdue: boolean
  }
  /** The attempt under the shopper's key. */
  readonly attempt?: PaymentAttempt
  /** An attempt under another key is still open. */
  readonly otherAttemptOpen: boolean
  /** Where the shopper proves who he is, as the provider has said a moment ago; absent until it is asked. */
  readonly actionUrl?: string
}

/** Why a checkout is refused. */
export type CheckoutRefusal =
  | RefusalReason
  | "idempotency-key-reused"
  | "not-decided-yet"
  | "payment-in-progress"
  | "reservation-expired"
  | "reservation-cancelled"

/** How a checkout ends: the order, a plain no, or a page of the provider's where it goes on. */
export type CheckoutEnding =
  | { readonly kind: "order" }
  | { readonly kind: "declined"; readonly code: string }
  | { readonly kind: "action-required"; readonly url: string }
  | { readonly kind: "refuse"; readonly reason: CheckoutRefusal }

/** What a checkout does next; after every step but an ending the facts are read again. */
export type CheckoutStep =
  | CheckoutEnding
  | { readonly kind: "expire" }
  | { readonly kind: "record" }
  | { readonly kind: "authorise"; readonly attempt: PaymentAttempt }
  | { readonly kind: "inquire"; readonly ref: string }
  | { readonly kind: "confirm" }
  | { readonly kind: "abandon" }
  | { readonly kind: "give-back"; readonly ref: string; readonly ending: CheckoutEnding }

/** The decline code of a payment whose shopper would have to prove who he is, without a page where he could. */
export const authenticationRequired = "authentication_required"
/** The decline code of a payment whose shopper did not prove who he is. */
export const authenticationFailed = "payment_intent_authentication_failure"

/** The decline code of an attempt for which the provider recorded a failure: it says nothing else to it any more. */
export const providerFailed = "provider_failed"

/** A 32-bit hash of what a checkout asks for: the same key with another payment method is told apart by it. */
export const checkoutHashOf = (paymentMethod: string): number =>
  createHash("sha256").update(paymentMethod).digest().readInt32BE(0)

const openStatuses: ReadonlySet<AttemptStatus> = new Set(["OPEN", "ACTION_REQUIRED", "AUTHORISED"])

/**
 * Decides what a checkout does next. It is called again after every step, so that a call which resumes another, runs beside it or
 * lost against time or a cancel needs no rules of its own.
 */
export function nextStep(facts: CheckoutFacts, bodyHash: number): CheckoutStep {
  const { reservation, attempt } = facts
  if (attempt && attempt.bodyHash !== bodyHash) return { kind: "refuse", reason: "idempotency-key-reused" }
  if (reservation.state === "RESERVED") return reservation.overdue ? { kind: "expire" } : pay(facts)
  // The hold is over. A payment that lost is abandoned first and given back after: a crash in between leaves it to the reconciler.
  if (attempt && openStatuses.has(attempt.status)) return { kind: "abandon" }
  const ending = endingOf(facts)
  if (attempt?.status === "ABANDONED" && attempt.providerRef !== undefined && !attempt.settled) {
    return { kind: "give-back", ref: attempt.providerRef, ending }
  }
  return ending
}

function pay({ attempt, otherAttemptOpen, actionUrl }: CheckoutFacts): CheckoutStep {
  switch (attempt?.status) {
    case undefined:
      return otherAttemptOpen ? { kind: "refuse", reason: "payment-in-progress" } : { kind: "record" }
    case "OPEN":
      return { kind: "authorise", attempt }
    case "ACTION_REQUIRED":
      if (actionUrl !== undefined) return { kind: "action-required", url: actionUrl }
      // Without the payment's name it is asked for again: the provider gives the same payment to the same attempt.
      return attempt.providerRef === undefined ? { kind: "authorise", attempt } : { kind: "inquire", ref: attempt.providerRef }
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
