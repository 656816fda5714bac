import { z } from "zod"
import { chargeLimits } from "../../core/domain/currencies.ts"
import { type Form, readForm, textMap, wholeNumber } from "./form.ts"
import { type Behaviour, behaviourOf } from "./methods.ts"
import { afterEvent, declinedOutcome, intentOutcome, newId, nowSeconds, type Outcome, orSimulatedFailure } from "./outcome.ts"
import type { Payment } from "./payment.ts"
import { invalidRequest } from "./stripe-error.ts"

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

/** POST /v1/payment_intents: creates a payment and confirms it. @throws StripeError for a request that Stripe would refuse */
export function createPayment(form: Form, origin: string): Outcome {
  const fields = readForm(CreateForm, form)
  expectChargeable(fields.amount, fields.currency)
  const behaviour = expectBehaviour(fields.payment_method)
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
  switch (behaviour.authorisation) {
    case "authorised":
      return orSimulatedFailure("create", draft, intentOutcome(afterEvent(draft, "authorised"), origin))
    case "action-required":
      return intentOutcome(afterEvent(draft, "action-required", { status: "requires_action" }), origin)
    case "declined": {
      const { declineCode = "generic_decline" } = behaviour
      return declinedOutcome(afterEvent(draft, "declined", { status: "requires_payment_method", declineCode }), origin)
    }
  }
}

function expectBehaviour(paymentMethod: string): Behaviour {
  const behaviour = behaviourOf(paymentMethod)
  if (behaviour) return behaviour
  throw invalidRequest("resource_missing", `No such PaymentMethod: '${paymentMethod}'`, { param: "payment_method" })
}

/** @throws StripeError 400 for an amount that Stripe does not charge */
function expectChargeable(amount: number, currency: string): void {
  const limits = chargeLimits.get(currency.toUpperCase())
  if (limits === undefined) throw invalidRequest("parameter_invalid", `Invalid currency: ${currency}.`, { param: "currency" })
  const refuse = (code: string, message: string) => invalidRequest(code, message, { param: "amount" })
  if (amount < limits.minimum) throw refuse("amount_too_small", `Amount must be at least ${limits.minimum} ${currency}.`)
  if (amount > limits.maximum) throw refuse("amount_too_large", `Amount must be no more than ${limits.maximum} ${currency}.`)
  if (amount % limits.multipleOf !== 0) throw refuse("parameter_invalid", `Amount must be a multiple of ${limits.multipleOf}.`)
}
