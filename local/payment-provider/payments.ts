import { randomBytes } from "node:crypto"
import { z } from "zod"
import { chargeLimits } from "../../core/domain/currencies.ts"
import { type Form, readForm, textMap, wholeNumber } from "./form.ts"
import type { Journal, RecordedAnswer } from "./journal.ts"
import { behaviourOf, type Operation } from "./methods.ts"
import { type Payment, type PaymentEvent, paymentIntent, type Refund, refundObject } from "./payment.ts"
import { cardError, invalidRequest, StripeError, serverError } from "./stripe-error.ts"

const CreateForm = z.strictObject({
  amount: wholeNumber,
  currency: z
    .string()
    .regex(/^[a-z]{3}$/i, "must be an ISO currency code")
    .toLowerCase(),
  payment_method: z.string(),
  confirm: z.literal("true", "this provider confirms at once or not at all"),
  capture_method: z.literal("manual", "this provider captures on request only"),
  metadata: textMap.default({}),
  automatic_payment_methods: textMap.optional(),
  allowed_payment_method_types: textMap.optional(),
  return_url: z.url({ protocol: /^https?$/ }).optional(),
  description: z.string().optional(),
})
const CaptureForm = z.strictObject({ amount_to_capture: wholeNumber.optional(), metadata: textMap.optional() })
const AuthenticateForm = z.strictObject({ outcome: z.enum(["confirm", "fail"]) })
const CancelForm = z.strictObject({ cancellation_reason: z.string().optional() })
const RefundForm = z.strictObject({
  payment_intent: z.string(),
  amount: wholeNumber.optional(),
  reason: z.string().optional(),
  metadata: textMap.default({}),
})

/** What an operation did: Stripe's answer, and what is to be kept. */
export interface Outcome {
  readonly status: number
  readonly body: unknown
  readonly changed: { readonly payment?: Payment; readonly refund?: Refund }
}

/** The payments of this provider. Operations compute an outcome; `keep` makes it so. */
export interface Payments {
  create(form: Form, origin: string): Outcome
  capture(id: string, form: Form, origin: string): Outcome
  cancel(id: string, form: Form, origin: string): Outcome
  refund(form: Form): Outcome
  /** Newest first. */
  refundsOf(paymentId: string): Refund[]
  /** The shopper proves who he is (3-D Secure), or does not. */
  authenticate(id: string, form: Form, origin: string): Outcome
  /** @throws StripeError 404 */
  get(id: string): Payment
  /** Newest first. */
  all(): Payment[]
  /** Writes the outcome down together with the answer that a retry is to get. */
  keep(changed: Outcome["changed"], answer?: RecordedAnswer): void
  recordedAnswer(key: string): RecordedAnswer | undefined
}

/** Opens the payments kept in the journal. @throws StripeError from every operation that Stripe would refuse */
export function createPayments(journal: Journal): Payments {
  const payments = new Map<string, Payment>()
  const refunds = new Map<string, Refund>()
  const answers = new Map<string, RecordedAnswer>()
  const apply = ({ payment, refund, answer }: Outcome["changed"] & { readonly answer?: RecordedAnswer }) => {
    if (payment) payments.set(payment.id, payment)
    if (refund) refunds.set(refund.id, refund)
    if (answer) answers.set(answer.key, answer)
  }
  journal.entries.forEach(apply)

  const get = (id: string): Payment => {
    const payment = payments.get(id)
    if (!payment) throw invalidRequest("resource_missing", `No such payment_intent: '${id}'`, { param: "intent" }, 404)
    return payment
  }

  return {
    get,
    all: () => [...payments.values()].reverse(),
    recordedAnswer: (key) => answers.get(key),
    refundsOf: (paymentId) => [...refunds.values()].filter((refund) => refund.paymentId === paymentId).reverse(),
    keep(changed, answer) {
      const entry = { ...changed, ...(answer && { answer }) }
      journal.append(entry)
      apply(entry)
    },

    create(form, origin) {
      const fields = readForm(CreateForm, form)
      expectChargeable(fields.amount, fields.currency)
      const behaviour = behaviourOf(fields.payment_method)
      if (!behaviour) {
        const message = `No such PaymentMethod: '${fields.payment_method}'`
        throw invalidRequest("resource_missing", message, { param: "payment_method" })
      }
      const draft: Payment = {
        id: newId("pi"),
        amount: fields.amount,
        currency: fields.currency,
        paymentMethod: fields.payment_method,
        metadata: fields.metadata,
        created: nowSeconds(),
        status: "requires_capture",
        amountCaptured: 0,
        amountRefunded: 0,
        history: [],
        ...(fields.return_url !== undefined && { returnUrl: fields.return_url }),
      }
      if (behaviour.authorisation === "authorised") {
        return breaking("create", draft, intentOutcome(after(draft, "authorised"), origin))
      }
      if (behaviour.authorisation === "action-required") {
        return intentOutcome(after(draft, "action-required", { status: "requires_action" }), origin)
      }
      const declineCode = behaviour.declineCode ?? "generic_decline"
      return declined(after(draft, "declined", { status: "requires_payment_method", declineCode }), origin)
    },

    capture(id, form, origin) {
      const payment = expectStatus(get(id), "captured", ["requires_capture"], origin)
      const { amount_to_capture: amount = payment.amount } = readForm(CaptureForm, form)
      if (amount < 1 || amount > payment.amount) {
        throw invalidRequest("amount_too_large", "You cannot capture more than was authorised.", { param: "amount_to_capture" })
      }
      const { captureFails } = behaviourOf(payment.paymentMethod) ?? {}
      if (captureFails === "for-good") {
        return declined(
          after(payment, "capture-failed", { status: "requires_payment_method", declineCode: "generic_decline" }),
          origin,
        )
      }
      if (captureFails === "once" && !payment.history.includes("capture-failed")) {
        return declined(after(payment, "capture-failed"), origin)
      }
      return breaking(
        "capture",
        payment,
        intentOutcome(after(payment, "captured", { status: "succeeded", amountCaptured: amount }), origin),
      )
    },

    cancel(id, form, origin) {
      readForm(CancelForm, form)
      const open = ["requires_capture", "requires_action", "requires_payment_method"] as const
      const payment = expectStatus(get(id), "canceled", open, origin)
      return breaking("cancel", payment, intentOutcome(after(payment, "voided", { status: "canceled" }), origin))
    },

    refund(form) {
      const fields = readForm(RefundForm, form)
      const payment = get(fields.payment_intent)
      const left = payment.amountCaptured - payment.amountRefunded
      const { amount = left } = fields
      if (payment.amountCaptured === 0) {
        throw invalidRequest("payment_intent_unexpected_state", "This PaymentIntent does not have a successful charge to refund.")
      }
      if (left === 0) throw invalidRequest("charge_already_refunded", `Charge of ${payment.id} has already been refunded.`)
      if (amount < 1 || amount > left)
        throw invalidRequest("amount_too_large", `Only ${left} is left to refund.`, { param: "amount" })
      const refund = {
        id: newId("re"),
        paymentId: payment.id,
        amount,
        currency: payment.currency,
        created: nowSeconds(),
        metadata: fields.metadata,
      }
      const refunded = after(payment, "refunded", { amountRefunded: payment.amountRefunded + amount })
      return breaking("refund", payment, { status: 200, body: refundObject(refund), changed: { payment: refunded, refund } })
    },

    authenticate(id, form, origin) {
      const { outcome } = readForm(AuthenticateForm, form)
      const payment = expectStatus(get(id), "authenticated", ["requires_action"], origin)
      const changed =
        outcome === "confirm"
          ? after(payment, "authorised", { status: "requires_capture" })
          : after(payment, "authentication-failed", { status: "requires_payment_method" })
      return intentOutcome(changed, origin)
    },
  }
}

/** The outcome of an operation, or a failure in its place: the first time, for a payment whose method has it fail there. */
function breaking(at: Operation, before: Payment, outcome: Outcome): Outcome {
  const { breaks } = behaviourOf(before.paymentMethod) ?? {}
  if (breaks?.at !== at || before.history.includes("broke")) return outcome
  const { status, error } = serverError()
  const { changed } = outcome
  if (breaks.when === "after")
    return { status, body: { error }, changed: { ...changed, payment: after(changed.payment ?? before, "broke") } }
  // A payment that was to be created and was not leaves nothing behind.
  return { status, body: { error }, changed: at === "create" ? {} : { payment: after(before, "broke") } }
}

/** @throws StripeError 400 for what Stripe does not charge */
function expectChargeable(amount: number, currency: string): void {
  const limits = chargeLimits.get(currency.toUpperCase())
  if (limits === undefined) throw invalidRequest("parameter_invalid", `Invalid currency: ${currency}.`, { param: "currency" })
  const refuse = (code: string, message: string) => invalidRequest(code, message, { param: "amount" })
  if (amount < limits.minimum) throw refuse("amount_too_small", `Amount must be at least ${limits.minimum} ${currency}.`)
  if (amount > limits.maximum) throw refuse("amount_too_large", `Amount must be no more than ${limits.maximum} ${currency}.`)
  if (amount % limits.multipleOf !== 0) throw refuse("parameter_invalid", `Amount must be a multiple of ${limits.multipleOf}.`)
}

const newId = (prefix: string) => `${prefix}_${randomBytes(12).toString("hex")}`
const nowSeconds = () => Math.floor(Date.now() / 1_000)

const after = (payment: Payment, event: PaymentEvent, change: Partial<Payment> = {}): Payment => ({
  ...payment,
  ...change,
  history: [...payment.history, event],
})

const intentOutcome = (payment: Payment, origin: string): Outcome => ({
  status: 200,
  body: paymentIntent(payment, origin),
  changed: { payment },
})

/** A decline is an error to the caller, but it happened: the payment is kept as declined. */
function declined(payment: Payment, origin: string): Outcome {
  const { status, error } = cardError(payment.declineCode ?? "", "Your card was declined.", {
    charge: payment.id.replace("pi_", "ch_"),
    payment_intent: paymentIntent(payment, origin),
  })
  return { status, body: { error }, changed: { payment } }
}

function expectStatus(payment: Payment, done: string, allowed: readonly Payment["status"][], origin: string): Payment {
  if (allowed.includes(payment.status)) return payment
  throw new StripeError(400, {
    type: "invalid_request_error",
    code: "payment_intent_unexpected_state",
    message: `This PaymentIntent could not be ${done} because it has a status of ${payment.status}.`,
    payment_intent: paymentIntent(payment, origin),
  })
}
