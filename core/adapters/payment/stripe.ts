import Stripe from "stripe"
import * as z from "zod"
import { type AuthorisationResult, OutcomeUnknown, type PaymentProvider, type ProviderPayment } from "./provider.ts"

/** How long a call to the provider may take; an authorisation usually answers in about 200 ms. */
export const providerTimeoutMs = 4_000

/** Metadata that every payment carries, so that it is found again when its answer was lost. */
const attemptField = "attempt_id"

/** Environment of functions that pay; the key comes from credentials.ts. */
export const paymentEnvironment = { PAYMENT_API_URL: z.url({ protocol: /^https?$/ }).optional() }

export interface StripeOptions {
  /** Asked before every call, so that a rotated key needs no restart. */
  readonly apiKey: () => Promise<string>
  /** Where the provider is, if not at Stripe's own address. */
  readonly apiUrl?: string | undefined
  readonly timeoutMs?: number
}

/**
 * The payment provider, through Stripe's own client. A payment is a PaymentIntent that is confirmed at once and captured later.
 *
 * The client repeats nothing by itself: whoever calls knows better whether the shopper still waits, and all calls carry keys of their own.
 * It uses fetch because its other client repeats a request whose connection closed whatever the settings say, and hides a lost reply.
 */
export function stripeProvider({ apiKey, apiUrl, timeoutMs = providerTimeoutMs }: StripeOptions): PaymentProvider {
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
  const statusNow = async (ref: string) => statusOf(await definite("retrieve", () => paymentIntents.retrieve(ref)))

  return {
    async authorise({ attemptId, reservationId, amountMinor, currency, paymentMethod }) {
      const answer = await answerTo("authorise", () =>
        paymentIntents.create(
          {
            amount: amountMinor,
            currency: currency.toLowerCase(),
            payment_method: paymentMethod,
            automatic_payment_methods: { enabled: true, allow_redirects: "never" },
            capture_method: "manual",
            confirm: true,
            metadata: { [attemptField]: attemptId, reservation_id: reservationId },
          },
          { idempotencyKey: attemptId },
        ),
      )
      if (answer.kind === "in-progress") return answer
      return answer.kind === "refused" ? { kind: "declined", code: answer.code } : authorisationOf(answer.value)
    },

    async capture({ attemptId, ref }) {
      const answer = await answerTo("capture", () => paymentIntents.capture(ref, {}, { idempotencyKey: `${attemptId}-capture` }))
      if (answer.kind === "done" && statusOf(answer.value) === "captured") return { kind: "captured" }
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

    async findByAttempt(attemptId) {
      const found = await definite("search", () =>
        paymentIntents.search({ query: `metadata['${attemptField}']:'${attemptId}'`, limit: 1 }),
      )
      const [intent] = found.data
      return intent && { ref: intent.id, status: statusOf(intent) }
    },
  }
}

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

function authorisationOf(intent: Stripe.PaymentIntent): AuthorisationResult {
  switch (intent.status) {
    case "requires_capture":
      return { kind: "authorised", ref: intent.id }
    case "requires_action":
      return { kind: "action-required", ref: intent.id }
    case "requires_payment_method":
    case "canceled":
      return { kind: "declined", code: intent.last_payment_error?.decline_code ?? intent.status }
    default:
      throw new OutcomeUnknown("authorise", intent.status)
  }
}

function statusOf({ status }: Stripe.PaymentIntent): ProviderPayment["status"] {
  if (status === "requires_capture") return "authorised"
  if (status === "succeeded") return "captured"
  return status === "canceled" ? "void" : "unpaid"
}

function addressOf(apiUrl: string | undefined): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> {
  if (apiUrl === undefined) return {}
  const { hostname, port, protocol } = new URL(apiUrl)
  return protocol === "http:"
    ? { host: hostname, port: port || "80", protocol: "http" }
    : { host: hostname, port: port || "443", protocol: "https" }
}
