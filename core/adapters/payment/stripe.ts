import Stripe from "stripe"
import * as z from "zod"
import { count } from "../telemetry.ts"
import { createPace, type Pace } from "./pace.ts"
import { OutcomeUnknown, type PaymentProvider, type ProviderFailure, RequestRefused } from "./provider.ts"
import { type Answer, answerTo } from "./stripe-answers.ts"
import { attemptField, paymentOf } from "./stripe-payment.ts"

/** How long a call to the provider may take; an authorisation usually answers in about 200 ms. */
export const providerTimeoutMs = 4_000

/**
 * Under an idempotency key the provider repeats its first answer for a day, a failure too. Work that its payment's state makes harmless to
 * repeat goes on under another key after a recorded failure: one for all who try within this time.
 */
const keyWindowMs = 60_000

const Address = z.url({ protocol: /^https?$/ }).optional()

/** Environment of functions that pay; the key is a secret. */
export const paymentEnvironment = {
  PAYMENT_API_URL: Address,
  /** Where a shopper goes on who was at a page of the provider's. Without it the provider has no such page for them. */
  PAYMENT_RETURN_URL: Address,
  /** Calls a second that all functions together may make; the provider's own limit, less a margin. Absent: no limit of ours. */
  PAYMENT_CALLS_PER_SECOND: z.coerce.number().min(1).max(10_000).optional(),
}

export interface StripeOptions {
  /** Asked before every call, so that a rotated key needs no restart. */
  readonly apiKey: () => Promise<string>
  /** Where the provider is, if not at Stripe's own address. */
  readonly apiUrl?: string | undefined
  readonly returnUrl?: string | undefined
  readonly timeoutMs?: number
  readonly pace?: Pace
}

/**
 * The payment provider, through Stripe's own client. A payment is a PaymentIntent that is confirmed at once and captured later.
 *
 * The client repeats nothing by itself: whoever calls knows better whether the shopper still waits, and all calls carry keys of their own.
 * It uses fetch because its other client repeats a request whose connection closed whatever the settings say, and hides a lost reply.
 */
export function stripeProvider(options: StripeOptions): PaymentProvider {
  const { apiKey, apiUrl, returnUrl, timeoutMs = providerTimeoutMs, pace = createPace() } = options
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

  /** Makes a call when its turn has come. @throws OutcomeUnknown, ProviderBusy */
  const ask = <Value>(operation: string, call: () => Promise<Value>): Promise<Answer<Value>> =>
    pace.inTurn(
      () => answerTo(operation, call),
      ({ kind }) => kind === "limited",
    )

  /** A call that the provider has no reason to refuse. @throws ProviderFailure */
  async function definite<Value>(operation: string, call: () => Promise<Value>): Promise<Value> {
    const answer = await ask(operation, call)
    if (answer.kind === "done") return answer.value
    throw failureOf(operation, answer)
  }

  /**
   * Moves a payment on. What counts is where the payment stands afterwards, whatever the call was answered.
   *
   * @param accept what the answer of a call that was carried out comes to; undefined when it leaves open whether it did
   * @param look asks the provider where the payment stands; undefined while the work is still to be done
   * @throws ProviderFailure: try again
   */
  async function move<Value, Result>(
    operation: string,
    key: string,
    call: (idempotencyKey: string) => Promise<Value>,
    accept: (value: Value) => Result | undefined,
    look: (code: string) => Promise<Result | undefined>,
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

  const paymentNow = async (ref: string) => paymentOf(await definite("retrieve", () => paymentIntents.retrieve(ref)))

  return {
    async authorise({ attemptId, reservationId, amountMinor, currency, paymentMethod }) {
      const create = () =>
        ask("authorise", () =>
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
      let answer = await create()
      // Whether a failure was recorded under the key is told by asking once more.
      if (answer.kind === "failed" && !answer.replayed) answer = await create()
      switch (answer.kind) {
        case "done":
          return { kind: "made", payment: paymentOf(answer.value) }
        case "declined":
          return { kind: "declined", code: answer.code }
        case "in-progress":
          return answer
        default:
          // A payment method is the shopper's own word; everything else in the request is ours.
          if (answer.kind === "refused" && answer.param === "payment_method") return { kind: "declined", code: answer.code }
          if ("replayed" in answer && answer.replayed) return { kind: "failed" }
          throw failureOf("authorise", answer)
      }
    },

    capture: ({ attemptId, ref }) => {
      const captured = { kind: "captured" } as const
      return move(
        "capture",
        `${attemptId}-capture`,
        (idempotencyKey) => paymentIntents.capture(ref, {}, { idempotencyKey }),
        (intent) => (paymentOf(intent).status === "captured" ? captured : undefined),
        async (code) => {
          // A refusal is final only when the payment itself is over: while it is held or pending, another try may collect it.
          const { status } = await paymentNow(ref)
          if (status === "captured") return captured
          return status === "void" || status === "unpaid" ? { kind: "failed", code } : undefined
        },
      )
    },

    void: ({ attemptId, ref }) =>
      move(
        "void",
        `${attemptId}-void`,
        (idempotencyKey) => paymentIntents.cancel(ref, {}, { idempotencyKey }),
        () => "void",
        async () => {
          const { status } = await paymentNow(ref)
          return status === "void" || status === "captured" ? status : undefined
        },
      ),

    async refund({ attemptId, ref }) {
      await move(
        "refund",
        `${attemptId}-refund`,
        (idempotencyKey) => refunds.create({ payment_intent: ref }, { idempotencyKey }),
        (refund) => isOnItsWay(refund) || undefined,
        async (code) => {
          if (code === "charge_already_refunded") return true
          // Before another key is used: did the refund come to be although its answer says otherwise?
          const { data } = await definite("list refunds", () => refunds.list({ payment_intent: ref }))
          return data.some(isOnItsWay) || undefined
        },
      )
    },

    async retrieve(ref) {
      const answer = await ask("retrieve", () => paymentIntents.retrieve(ref))
      if (answer.kind === "done") return paymentOf(answer.value)
      if (answer.kind === "refused" && answer.status === 404) return undefined
      throw failureOf("retrieve", answer)
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

/** A refund that came to the shopper's bank, or is on its way there. */
const isOnItsWay = ({ status }: Stripe.Refund): boolean => status !== "failed" && status !== "canceled"

/** What is thrown when a call did not do its work. A request that we got wrong is counted: somebody of ours has to mend it. */
function failureOf(operation: string, answer: Answer<unknown>): ProviderFailure {
  if (answer.kind !== "refused") return new OutcomeUnknown(operation, "cause" in answer ? answer.cause : answer)
  count("payment.misconfigured")
  return new RequestRefused(operation, answer.code)
}

/** Without an address to come back to there is no page of the provider's to go to, and a card that needs one is declined. */
const methodsOf = (returnUrl: string | undefined) =>
  returnUrl === undefined
    ? { automatic_payment_methods: { enabled: true, allow_redirects: "never" as const } }
    : { allowed_payment_method_types: ["card" as const], return_url: returnUrl }

function addressOf(apiUrl: string | undefined): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> {
  if (apiUrl === undefined) return {}
  const { hostname, port, protocol } = new URL(apiUrl)
  return protocol === "http:"
    ? { host: hostname, port: port || "80", protocol: "http" }
    : { host: hostname, port: port || "443", protocol: "https" }
}
