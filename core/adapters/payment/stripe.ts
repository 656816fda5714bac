import Stripe from "stripe"
import * as z from "zod"
import { authenticationRequired } from "../../domain/checkout.ts"
import { OutcomeUnknown, type PaymentProvider, type ProviderPayment } from "./provider.ts"

/** How long a call to the provider may take; an authorisation usually answers in about 200 ms. */
export const providerTimeoutMs = 4_000

/** Metadata that every payment carries, so that it is found again when its answer was lost. */
const attemptField = "attempt_id"
/** What Stripe calls a thing that does not exist. */
const missing = "resource_missing"

const Address = z.url({ protocol: /^https?$/ }).optional()

/** Environment of functions that pay; the key comes from credentials.ts. */
export const paymentEnvironment = {
  PAYMENT_API_URL: Address,
  /** Where a shopper goes on who was at a page of the provider's. Without it the provider has no such page for him. */
  PAYMENT_RETURN_URL: Address,
}

export interface StripeOptions {
  /** Asked before every call, so that a rotated key needs no restart. */
  readonly apiKey: () => Promise<string>
  /** Where the provider is, if not at Stripe's own address. */
  readonly apiUrl?: string | undefined
  readonly returnUrl?: string | undefined
  readonly timeoutMs?: number
}

/**
 * The payment provider, through Stripe's own client. A payment is a PaymentIntent that is confirmed at once and captured later.
 *
 * The client repeats nothing by itself: whoever calls knows better whether the shopper still waits, and all calls carry keys of their own.
 * It uses fetch because its other client repeats a request whose connection closed whatever the settings say, and hides a lost reply.
 */
export function stripeProvider({ apiKey, apiUrl, returnUrl, timeoutMs = providerTimeoutMs }: StripeOptions): PaymentProvider {
  const { paymentIntents, refunds } = new Stripe("", {
    authenticator: async (request) => {
      request.headers.Authorization = `Bearer ${await apiKey()}`
    },
    ...addressOf(apiUrl),
    httpClient: Stripe.createFetchHttpClient(),
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
  })
  const statusNow = async (ref: string) => paymentOf(await definite("retrieve", () => paymentIntents.retrieve(ref))).status

  return {
    async authorise({ attemptId, reservationId, amountMinor, currency, paymentMethod }) {
      const answer = await answerTo("authorise", () =>
        paymentIntents.create(
          {
            amount: amountMinor,
            currency: currency.toLowerCase(),
            payment_method: paymentMethod,
            ...methodsOf(returnUrl),
            capture_method: "manual",
            confirm: true,
            metadata: { [attemptField]: attemptId, reservation_id: reservationId },
          },
          { idempotencyKey: attemptId },
        ),
      )
      if (answer.kind === "in-progress") return answer
      return answer.kind === "refused"
        ? { kind: "declined", code: answer.code }
        : { kind: "made", payment: paymentOf(answer.value) }
    },

    async capture({ attemptId, ref }) {
      const answer = await answerTo("capture", () => paymentIntents.capture(ref, {}, { idempotencyKey: `${attemptId}-capture` }))
      if (answer.kind === "done" && paymentOf(answer.value).status === "captured") return { kind: "captured" }
      if (answer.kind !== "refused") throw new OutcomeUnknown("capture", answer)
      // The provider forgets idempotency keys after a day and then refuses to capture what it has captured.
      return (await statusNow(ref)) === "captured" ? { kind: "captured" } : { kind: "failed", code: answer.code }
    },

    async void({ attemptId, ref }) {
      const answer = await answerTo("void", () => paymentIntents.cancel(ref, {}, { idempotencyKey: `${attemptId}-void` }))
      if (answer.kind === "done") return "void"
      const status = await statusNow(ref)
      if (status === "void" || status === "captured") return status
      throw new OutcomeUnknown("void", answer)
    },

    async refund({ attemptId, ref }) {
      const answer = await answerTo("refund", () =>
        refunds.create({ payment_intent: ref }, { idempotencyKey: `${attemptId}-refund` }),
      )
      if (answer.kind === "done" || (answer.kind === "refused" && answer.code === "charge_already_refunded")) return
      throw new OutcomeUnknown("refund", answer)
    },

    async retrieve(ref) {
      const answer = await answerTo("retrieve", () => paymentIntents.retrieve(ref))
      if (answer.kind === "done") return paymentOf(answer.value)
      if (answer.kind === "refused" && answer.code === missing) return undefined
      throw new OutcomeUnknown("retrieve", answer)
    },

    async findByAttempt(attemptId) {
      const found = await definite("search", () =>
        paymentIntents.search({ query: `metadata['${attemptField}']:'${attemptId}'`, limit: 1 }),
      )
      const [intent] = found.data
      return intent && paymentOf(intent)
    },
  }
}

/** Without an address to come back to there is no page of the provider's to go to, and a card that needs one is declined. */
const methodsOf = (returnUrl: string | undefined) =>
  returnUrl === undefined
    ? { automatic_payment_methods: { enabled: true, allow_redirects: "never" as const } }
    : { allowed_payment_method_types: ["card" as const], return_url: returnUrl }

type Answer<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "in-progress" }

/** Sorts what the provider says: done, refused for good, or under way in another call. @throws OutcomeUnknown for everything else */
async function answerTo<Value>(operation: string, call: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { kind: "done", value: await call() }
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError || error instanceof Stripe.errors.StripeInvalidRequestError) {
      return { kind: "refused", code: error.decline_code ?? error.code ?? "refused" }
    }
    if (error instanceof Stripe.errors.StripeError && error.statusCode === 409) return { kind: "in-progress" }
    throw new OutcomeUnknown(operation, error)
  }
}

/** A call that the provider has no reason to refuse. @throws OutcomeUnknown */
async function definite<Value>(operation: string, call: () => Promise<Value>): Promise<Value> {
  const answer = await answerTo(operation, call)
  if (answer.kind === "done") return answer.value
  throw new OutcomeUnknown(operation, answer)
}

function paymentOf(intent: Stripe.PaymentIntent): ProviderPayment {
  const { id: ref, status, metadata, next_action: action, last_payment_error: error } = intent
  const { [attemptField]: attemptId } = metadata
  const payment = { ref, ...(attemptId !== undefined && { attemptId }) }
  const code = error?.decline_code ?? error?.code ?? status
  switch (status) {
    case "requires_capture":
      return { ...payment, status: "authorised" }
    case "succeeded":
      return { ...payment, status: "captured" }
    case "requires_action": {
      const actionUrl = action?.redirect_to_url?.url ?? undefined
      if (actionUrl === undefined) return { ...payment, status: "unpaid", code: authenticationRequired }
      return { ...payment, status: "action-required", actionUrl }
    }
    case "requires_payment_method":
      return { ...payment, status: "unpaid", code }
    case "canceled":
      return { ...payment, status: "void", code }
    default:
      return { ...payment, status: "pending" }
  }
}

function addressOf(apiUrl: string | undefined): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> {
  if (apiUrl === undefined) return {}
  const { hostname, port, protocol } = new URL(apiUrl)
  return protocol === "http:"
    ? { host: hostname, port: port || "80", protocol: "http" }
    : { host: hostname, port: port || "443", protocol: "https" }
}
