import { ProviderBusy, type ProviderFailure, RequestRefused } from "../../core/adapters/payment/provider.ts"
import type { PaymentAction } from "../../core/contracts/http/checkout.ts"
import { type ProblemError, problem, problems } from "../../core/contracts/problems.ts"
import { authenticationFailed, authenticationRequired, type CheckoutRefusal, providerFailed } from "../../core/domain/checkout.ts"

const retryAfterSeconds = 1

/** The problem a refused checkout is answered with. */
export function refusal(reason: CheckoutRefusal): ProblemError {
  switch (reason) {
    case "not-decided-yet":
      return problem(reason, {
        detail: "The reservation is on the waitlist: it can be paid for once it is RESERVED.",
        retryAfterSeconds,
        extensions: { decided: true },
      })
    case "payment-in-progress":
      return problem(reason, {
        detail: "Finish it by repeating it with its own Idempotency-Key.",
        retryAfterSeconds,
        extensions: { decided: true },
      })
    default:
      return problem(reason, { extensions: { decided: true } })
  }
}

/** The provider's reasons stay with us: they help who tries stolen cards more than who pays with his own. */
export const decline = (code: string): ProblemError =>
  problem("payment-declined", {
    detail: `${declines[code] ?? ""}Use another payment method with a new Idempotency-Key.`,
    extensions: { decided: true },
  })

/** What the shopper knows himself, or has to. */
const declines: Readonly<Record<string, string>> = {
  [authenticationFailed]: "The payment was not confirmed by its holder (3-D Secure). ",
  [authenticationRequired]: "This payment method needs a confirmation by its holder (3-D Secure) that cannot be given here. ",
  [providerFailed]: "The payment provider failed at this payment and does not take it up again; whatever it holds goes back. ",
}

/** The provider is to be asked again no sooner: the shopper reads a page meanwhile. */
const actionRetrySeconds = 2

/** The answer of a checkout whose shopper has to go on at the provider's. He asks again with the same key, or looks at his reservation. */
export function actionRequired(reservationId: string, actionUrl: string, instance: string) {
  const slug = "payment-action-required"
  const { title, status } = problems[slug]
  const body: PaymentAction = {
    type: `/problems/${slug}`,
    title,
    status,
    detail: "Confirm the payment at action_url while the hold lasts, then repeat the request with the same Idempotency-Key.",
    instance,
    decided: true,
    reservation_id: reservationId,
    action_url: actionUrl,
  }
  return {
    status,
    headers: { location: `/v1/reservations/${reservationId}`, "retry-after": String(actionRetrySeconds) },
    body,
  }
}

/** The reservation stands in line: there is nothing to pay for yet. */
export const undecided = (): ProblemError => problem("not-decided-yet", { retryAfterSeconds, extensions: { decided: false } })

/** The provider did not say whether it has the money. */
export const unknownOutcome = (cause?: unknown): ProblemError =>
  problem(
    "outcome-unknown",
    {
      detail:
        "The payment provider gave no answer in time. Repeat the request with the same Idempotency-Key: you pay at most once.",
      retryAfterSeconds,
      extensions: { decided: true },
    },
    cause,
  )

/** Somebody of ours has to mend it: asking sooner does not help. */
const refusedRetrySeconds = 5
/** A shopper is not sent away for longer: a hold is short. */
const longestRetrySeconds = 10

/** A checkout that the provider did not carry out. The attempt stays open, so that the same key goes on with it. */
export function providerFailure(failure: ProviderFailure): ProblemError {
  if (failure instanceof ProviderBusy) {
    const retryAfterMs = Math.min(failure.retryAfterMs, longestRetrySeconds * 1_000)
    return notNow("More payments wait than the payment provider takes at once.", retryAfterMs / 1_000, failure)
  }
  if (failure instanceof RequestRefused) return notNow("Payments are not possible at the moment.", refusedRetrySeconds, failure)
  return unknownOutcome(failure)
}

const notNow = (reason: string, retryAfter: number, cause: unknown): ProblemError =>
  problem(
    "temporarily-unavailable",
    {
      detail: `${reason} The hold is kept: repeat the request with the same Idempotency-Key.`,
      retryAfterSeconds: retryAfter,
      extensions: { decided: true },
    },
    cause,
  )
