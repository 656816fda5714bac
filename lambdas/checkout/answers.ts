import { type ProblemError, problem } from "../../core/contracts/problems.ts"
import { authenticationRequired, type CheckoutRefusal } from "../../core/domain/checkout.ts"

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
    detail:
      code === authenticationRequired
        ? "This payment method needs a confirmation by its holder (3-D Secure), which this shop does not offer yet. Use another one with a new Idempotency-Key."
        : "Use another payment method with a new Idempotency-Key.",
    extensions: { decided: true },
  })

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
