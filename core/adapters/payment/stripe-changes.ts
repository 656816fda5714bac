import type Stripe from "stripe"
import type { CaptureResult, PaymentProvider } from "./provider.ts"
import { type Answer, failureOf } from "./stripe-answers.ts"
import type { StripeCalls } from "./stripe-calls.ts"
import { paymentOf } from "./stripe-payment.ts"

/**
 * Under an idempotency key the provider repeats its first answer for a day, also a failure. After a recorded failure, an
 * operation that the state of its payment makes safe to repeat is done under a second key. All callers within this time use the
 * same second key.
 */
const keyWindowMs = 60_000

/** A change of a payment: the call, and how its result is read. */
export interface Change<Value, Result> {
  readonly operation: string
  readonly key: string
  readonly call: (idempotencyKey: string) => Promise<Value>
  /** The result of a call that was carried out; undefined when its answer does not say whether the work is done. */
  readonly accept: (value: Value) => Result | undefined
  /** Asks the provider where the payment stands; undefined while the work is not done. */
  readonly look: (code: string) => Promise<Result | undefined>
}

/** Capture, void and refund. The state of the payment afterwards decides their result, not the answer of the call (ADR 0028). */
export function createChanges(calls: StripeCalls): Pick<PaymentProvider, "capture" | "void" | "refund"> {
  const { paymentIntents, refunds, askDefinite } = calls
  const statusNow = async (ref: string) => paymentOf(await askDefinite("retrieve", () => paymentIntents.retrieve(ref))).status
  const captured: CaptureResult = { kind: "captured" }

  return {
    capture: ({ attemptId, ref }) =>
      change<Stripe.PaymentIntent, CaptureResult>(calls, {
        operation: "capture",
        key: `${attemptId}-capture`,
        call: (idempotencyKey) => paymentIntents.capture(ref, {}, { idempotencyKey }),
        accept: (intent) => (paymentOf(intent).status === "captured" ? captured : undefined),
        async look(code) {
          // A refusal is final only when the payment itself is over. While it is held or pending, another try may capture it.
          const status = await statusNow(ref)
          if (status === "captured") return captured
          return status === "void" || status === "unpaid" ? { kind: "failed", code } : undefined
        },
      }),

    void: ({ attemptId, ref }) =>
      change<Stripe.PaymentIntent, "void" | "captured">(calls, {
        operation: "void",
        key: `${attemptId}-void`,
        call: (idempotencyKey) => paymentIntents.cancel(ref, {}, { idempotencyKey }),
        accept: () => "void",
        async look() {
          const status = await statusNow(ref)
          return status === "void" || status === "captured" ? status : undefined
        },
      }),

    async refund({ attemptId, ref }) {
      await change<Stripe.Refund, true>(calls, {
        operation: "refund",
        key: `${attemptId}-refund`,
        call: (idempotencyKey) => refunds.create({ payment_intent: ref }, { idempotencyKey }),
        accept: (refund) => isUnderWay(refund) || undefined,
        async look(code) {
          if (code === "charge_already_refunded") return true
          // Before another key is used: the refund may exist although the answer says that it does not.
          const { data } = await askDefinite("list refunds", () => refunds.list({ payment_intent: ref }))
          return data.some(isUnderWay) || undefined
        },
      })
    },
  }
}

/** Changes a payment, if need be under a second key. @throws ProviderFailure: the caller tries again */
export async function change<Value, Result>(
  { ask }: StripeCalls,
  { operation, key, call, accept, look }: Change<Value, Result>,
): Promise<Result> {
  let last: Answer<Value> = { kind: "in-progress" }
  for (const idempotencyKey of [key, `${key}-${Math.floor(Date.now() / keyWindowMs)}`]) {
    last = await ask(operation, () => call(idempotencyKey))
    const accepted = last.kind === "done" ? accept(last.value) : undefined
    if (accepted !== undefined) return accepted
    if (last.kind === "in-progress") break
    const seen = await look("code" in last ? last.code : last.kind)
    if (seen !== undefined) return seen
    if (!("replayed" in last && last.replayed)) break
  }
  throw failureOf(operation, last)
}

/** A refund that reached the shopper's bank, or is on its way there. */
const isUnderWay = ({ status }: Stripe.Refund): boolean => status !== "failed" && status !== "canceled"
