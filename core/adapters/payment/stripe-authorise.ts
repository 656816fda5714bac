import type { Authorisation, AuthorisationResult, PaymentProvider } from "./provider.ts"
import { failureOf } from "./stripe-answers.ts"
import type { StripeCalls } from "./stripe-calls.ts"
import { attemptField, paymentOf, reservationField } from "./stripe-payment.ts"

/**
 * Creates a PaymentIntent and confirms it in the same call. `returnUrl` is the page of the shop to which the provider sends the
 * shopper back; without it, the page that the authorisation names.
 */
export function createAuthorise(
  { ask, paymentIntents }: StripeCalls,
  returnUrl: string | undefined,
): PaymentProvider["authorise"] {
  const create = ({ attemptId, reservationId, amountMinor, currency, paymentMethod, ...call }: Authorisation) =>
    ask("authorise", () =>
      paymentIntents.create(
        {
          amount: amountMinor,
          currency: currency.toLowerCase(),
          payment_method: paymentMethod,
          ...methodsOf(returnUrl ?? call.returnUrl),
          capture_method: "manual",
          confirm: true,
          metadata: { [attemptField]: attemptId, [reservationField]: reservationId },
        },
        { idempotencyKey: attemptId },
      ),
    )

  return async (authorisation): Promise<AuthorisationResult> => {
    let answer = await create(authorisation)
    // A second call shows whether the provider recorded the failure under the key.
    if (answer.kind === "failed" && !answer.replayed) answer = await create(authorisation)
    switch (answer.kind) {
      case "done":
        return { kind: "made", payment: paymentOf(answer.value) }
      case "declined":
        return { kind: "declined", code: answer.code }
      case "in-progress":
        return answer
      default:
        // The shopper chooses the payment method. Every other parameter of the request is ours.
        if (answer.kind === "refused" && answer.param === "payment_method") return { kind: "declined", code: answer.code }
        if ("replayed" in answer && answer.replayed) return { kind: "failed" }
        throw failureOf("authorise", answer)
    }
  }
}

/** Without a page to come back to, the provider has no page of its own for the shopper, and declines a card that needs one. */
const methodsOf = (returnUrl: string | undefined) =>
  returnUrl === undefined
    ? { automatic_payment_methods: { enabled: true, allow_redirects: "never" as const } }
    : { allowed_payment_method_types: ["card" as const], return_url: returnUrl }
