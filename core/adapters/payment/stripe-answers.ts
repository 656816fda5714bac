import Stripe from "stripe"
import { OutcomeUnknown } from "./provider.ts"

/** What the provider said to a call, sorted by what the caller can do about it. */
export type Answer<Value> =
  | { readonly kind: "done"; readonly value: Value }
  /** The card, not the request. */
  | { readonly kind: "declined"; readonly code: string; readonly replayed: boolean }
  /** The payment is not in a state in which that can be done. */
  | { readonly kind: "wrong-state"; readonly code: string; readonly replayed: boolean }
  /** We asked for something that the provider does not do, or with a key that it does not take. */
  | {
      readonly kind: "refused"
      readonly code: string
      readonly param?: string
      readonly replayed: boolean
      readonly status: number
    }
  /** Another call under the same key is at work. */
  | { readonly kind: "in-progress" }
  /** The call came too soon after others: nothing was done, and nothing was recorded under its key. */
  | { readonly kind: "limited" }
  /** The provider failed. `replayed`: it had recorded so for this key before, and says nothing else to it for a day. */
  | { readonly kind: "failed"; readonly replayed: boolean; readonly cause: unknown }

/** Codes of a 400 that speak of the payment and not of the request. */
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

/** Sorts what a call came to. The status is looked at first: the type of an error says less, and not always the same. @throws OutcomeUnknown when no answer came */
export async function answerTo<Value>(operation: string, call: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { kind: "done", value: await call() }
  } catch (error) {
    const answer = error instanceof Stripe.errors.StripeError ? sorted(error) : undefined
    if (answer === undefined) throw new OutcomeUnknown(operation, error)
    return answer
  }
}

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
