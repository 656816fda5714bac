import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import { PaymentRequestRefused, ProviderBusy, ProviderFailure } from "../../core/adapters/payment/provider.ts"
import type { PaymentAction } from "../../core/contracts/http/checkout.ts"
import type { WebhookAnswer } from "../../core/contracts/http/webhook.ts"
import { type ProblemError, problem, problems } from "../../core/contracts/problems.ts"
import { authenticationFailed, authenticationRequired, type CheckoutRefusal, providerFailed } from "../../core/domain/checkout.ts"
import type { WebhookResult } from "./webhook.ts"
import type { CheckoutResult } from "./workflow.ts"

const retryAfterSeconds = 1

/** The HTTP answer of a checkout. @throws ProblemError for every result that is neither an order nor a page of the provider */
export function checkoutAnswer(result: CheckoutResult, reservationId: string, instance: string): HttpResponse {
  switch (result.kind) {
    case "order":
      return { status: result.created ? 201 : 200, body: result.order }
    case "action-required":
      return actionRequired(reservationId, result.url, instance)
    case "declined":
      throw declined(result.code)
    case "refuse":
      throw refused(result.reason)
    case "queued":
      throw problem("not-decided-yet", { retryAfterSeconds, extensions: { decided: false } })
    case "not-found":
      throw problem("reservation-not-found")
  }
}

/** The HTTP answer of a webhook call. @throws ProblemError for a call that the provider must repeat or must not have sent */
export function webhookAnswer(result: WebhookResult): HttpResponse {
  switch (result.kind) {
    case "received":
      return { status: 200, body: { received: true } satisfies WebhookAnswer }
    case "forged":
      throw problem("signature-invalid")
    case "malformed":
      throw problem("malformed-json")
    case "not-completed":
      throw problem("temporarily-unavailable", {}, result.cause)
  }
}

/**
 * The problem of a checkout that failed at the provider; any other error unchanged. The attempt stays open: the same key
 * continues it.
 */
export const checkoutFailure = (error: unknown): unknown => (error instanceof ProviderFailure ? failed(error) : error)

function refused(reason: CheckoutRefusal): ProblemError {
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
    case "request-lost":
      return problem(reason, { extensions: { decided: false } })
    default:
      return problem(reason, { extensions: { decided: true } })
  }
}

/** The provider's reasons are not passed on: they would help a person who tries stolen cards more than the holder of a card. */
const declined = (code: string): ProblemError =>
  problem("payment-declined", {
    detail: `${declineDetails[code] ?? ""}Use another payment method with a new Idempotency-Key.`,
    extensions: { decided: true },
  })

/** The reasons that the shopper knows already, or has to know. */
const declineDetails: Readonly<Record<string, string>> = {
  [authenticationFailed]: "The payment was not confirmed by its holder (3-D Secure). ",
  [authenticationRequired]: "This payment method needs a confirmation by its holder (3-D Secure) that cannot be given here. ",
  [providerFailed]: "The payment provider failed at this payment and does not take it up again; whatever it holds goes back. ",
}

/** The provider is not asked again sooner: the shopper reads its page in the meantime. */
const actionRetrySeconds = 2

/** The shopper has to continue at the provider. Afterwards they repeat the call with the same key, or read their reservation. */
function actionRequired(reservationId: string, actionUrl: string, instance: string): HttpResponse {
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

/** An operator has to repair the configuration: an earlier retry does not help. */
const refusedRetrySeconds = 5
/** The longest pause that an answer asks for: a hold is short. */
const longestRetrySeconds = 10

function failed(failure: ProviderFailure): ProblemError {
  if (failure instanceof ProviderBusy) {
    const retryAfterMs = Math.min(failure.retryAfterMs, longestRetrySeconds * 1_000)
    return unavailable("More payments wait than the payment provider takes at once.", retryAfterMs / 1_000, failure)
  }
  if (failure instanceof PaymentRequestRefused) {
    return unavailable("Payments are not possible at the moment.", refusedRetrySeconds, failure)
  }
  return problem(
    "outcome-unknown",
    {
      detail:
        "The payment provider gave no answer in time. Repeat the request with the same Idempotency-Key: you pay at most once.",
      retryAfterSeconds,
      extensions: { decided: true },
    },
    failure,
  )
}

const unavailable = (reason: string, retryAfter: number, cause: ProviderFailure): ProblemError =>
  problem(
    "temporarily-unavailable",
    {
      detail: `${reason} The hold is kept: repeat the request with the same Idempotency-Key.`,
      retryAfterSeconds: retryAfter,
      extensions: { decided: true },
    },
    cause,
  )
