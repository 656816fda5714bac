import Stripe from "stripe"
import { count } from "../telemetry.ts"
import type { Pace } from "./pace.ts"
import type { ProviderPayment } from "./provider.ts"
import { type Answer, answerTo, failureOf } from "./stripe-answers.ts"
import { createStripeHttp } from "./stripe-http.ts"
import { attemptField, paymentOf } from "./stripe-payment.ts"

/** Calls to Stripe, each in its turn. */
export interface StripeCalls {
  readonly paymentIntents: Stripe["paymentIntents"]
  readonly refunds: Stripe["refunds"]
  readonly disputes: Stripe["disputes"]
  /** Makes a call when its turn has come. @throws PaymentOutcomeUnknown, ProviderBusy */
  ask<Value>(operation: string, call: () => Promise<Value>): Promise<Answer<Value>>
  /** Makes a call that the provider has no reason to refuse. @throws ProviderFailure */
  askDefinite<Value>(operation: string, call: () => Promise<Value>): Promise<Value>
  /** @returns undefined when there is no such payment @throws ProviderFailure */
  retrieve(ref: string): Promise<ProviderPayment | undefined>
  /** @returns undefined when the provider's search shows no such payment @throws ProviderFailure */
  findByAttempt(attemptId: string): Promise<ProviderPayment | undefined>
}

interface ClientOptions {
  readonly apiKey: () => Promise<string>
  readonly apiUrl: string | undefined
  readonly timeoutMs: number
}

export function createStripeCalls({ pace, ...options }: ClientOptions & { readonly pace: Pace }): StripeCalls {
  const { paymentIntents, refunds, disputes } = createClient(options)

  const ask: StripeCalls["ask"] = (operation, call) => {
    count("payment.attempted")
    return pace.inTurn(
      () => answerTo(operation, call),
      ({ kind }) => kind === "limited",
    )
  }

  const askDefinite: StripeCalls["askDefinite"] = async (operation, call) => {
    const answer = await ask(operation, call)
    if (answer.kind === "done") return answer.value
    throw failureOf(operation, answer)
  }

  return {
    paymentIntents,
    refunds,
    disputes,
    ask,
    askDefinite,

    async retrieve(ref) {
      const answer = await ask("retrieve", () => paymentIntents.retrieve(ref))
      if (answer.kind === "done") return paymentOf(answer.value)
      if (answer.kind === "refused" && answer.status === 404) return undefined
      throw failureOf("retrieve", answer)
    },

    async findByAttempt(attemptId) {
      const found = await askDefinite("search", () =>
        paymentIntents.search({ query: `metadata['${attemptField}']:'${attemptId}'`, limit: 1 }),
      )
      const [intent] = found.data
      return intent && paymentOf(intent)
    },
  }
}

/**
 * Stripe's client without its retries: the caller knows better whether the shopper still waits, and every call carries an
 * idempotency key of its own. It has a transport of ours (stripe-http.ts): with its own Node transport the client repeats a
 * request whose connection closed even when retries are off, and so hides a lost answer.
 */
const createClient = ({ apiKey, apiUrl, timeoutMs }: ClientOptions) =>
  new Stripe("", {
    authenticator: async (request) => {
      request.headers.Authorization = `Bearer ${await apiKey()}`
    },
    ...addressOf(apiUrl),
    httpClient: createStripeHttp(),
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
  })

function addressOf(apiUrl: string | undefined): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> {
  if (apiUrl === undefined) return {}
  const { hostname, port, protocol } = new URL(apiUrl)
  return protocol === "http:"
    ? { host: hostname, port: port || "80", protocol: "http" }
    : { host: hostname, port: port || "443", protocol: "https" }
}
