import Stripe from "stripe"
import { count } from "../telemetry.ts"
import { PaymentOutcomeUnknown, PaymentRequestRefused, type ProviderFailure } from "./provider.ts"

/** The provider's answer to a call, sorted by what the caller can do about it. */
export type Answer<Value> =
  | { readonly kind: "done"; readonly value: Value }
  /** The card was refused, not the request. */
  | { readonly kind: "declined"; readonly code: string; readonly replayed: boolean }
  /** The state of the payment does not allow the operation. */
  | { readonly kind: "wrong-state"; readonly code: string; readonly replayed: boolean }
  /** The provider does not do what we asked for, or does not accept our key. */
  | {
      readonly kind: "refused"
      readonly code: string
      readonly param?: string
      readonly replayed: boolean
      readonly status: number
    }
  /** Another call with the same idempotency key is under way. */
  | { readonly kind: "in-progress" }
  /** The provider's rate limit refused the call: nothing was done, and nothing was recorded under its key. */
  | { readonly kind: "limited" }
  /** The provider failed. `replayed`: it recorded the failure for this key before, and repeats it for a day. */
  | { readonly kind: "failed"; readonly replayed: boolean; readonly cause: unknown }

/** Codes of a 400 that are about the payment and not about the request. */
const stateCodes: ReadonlySet<string> = new Set([
  "payment_intent_unexpected_state",
  "charge_already_captured",
  "charge_already_refunded",
  "charge_disputed",
  "charge_expired_for_capture",
  "charge_not_refundable",
])

const refusedStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404])
const serverError = 500

/** Makes a call and sorts its answer. @throws PaymentOutcomeUnknown when no answer came */
export async function answerTo<Value>(operation: string, call: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { kind: "done", value: await call() }
  } catch (error) {
    const answer = error instanceof Stripe.errors.StripeError ? sorted(error) : undefined
    if (answer === undefined) throw new PaymentOutcomeUnknown(operation, error)
    return answer
  }
}

/** The status decides first: the type of an error says less, and differs for equal errors. */
function sorted(error: Stripe.errors.StripeError): Exclude<Answer<never>, { kind: "done" }> | undefined {
  const { statusCode: status, param } = error
  if (status === undefined) return undefined
  const code = error.decline_code || error.code || "refused"
  const replayed = error.headers?.["idempotent-replayed"] === "true"
  if (status === 409) return { kind: "in-progress" }
  if (status === 429 || error.code === "rate_limit") return { kind: "limited" }
  if (status === 402) return { kind: "declined", code, replayed }
  if (status === 400 && stateCodes.has(code)) return { kind: "wrong-state", code, replayed }
  if (refusedStatuses.has(status)) return { kind: "refused", code, replayed, status, ...(param && { param }) }
  return status >= serverError ? { kind: "failed", replayed, cause: error } : undefined
}

/** The error for a call that did not do its work. A refused request is counted: an operator has to repair the configuration. */
export function failureOf(operation: string, answer: Answer<unknown>): ProviderFailure {
  if (answer.kind !== "refused") return new PaymentOutcomeUnknown(operation, "cause" in answer ? answer.cause : answer)
  count("payment.misconfigured")
  return new PaymentRequestRefused(operation, answer.code)
}
