import type { PaymentAction } from "../../core/contracts/http/checkout.ts"
import { type ProblemError, problem, problems } from "../../core/contracts/problems.ts"
import { authenticationFailed, authenticationRequired, type CheckoutRefusal } from "../../core/domain/checkout.ts"

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
