import { type Form, parseForm } from "./form.ts"
import { behaviourOf } from "./methods.ts"
import { confirmationPage, resultPage } from "./pages.ts"
import { type Payment, paymentIntent, paymentSummary } from "./payment.ts"
import type { Outcome, Payments } from "./payments.ts"
import { listPayments, listRefunds, searchPayments } from "./search.ts"
import { idempotencyError, invalidRequest, StripeError } from "./stripe-error.ts"

export interface ProviderRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
  readonly idempotencyKey: string | undefined
  /** Where the provider was reached: `http://127.0.0.1:1234`. */
  readonly origin: string
}

/** How an answer travels. */
export interface Reply {
  readonly status: number
  readonly body: string
  /** A page for a browser rather than JSON. */
  readonly isPage?: boolean
  /** A payment of which the shop is to be told that something has become of it. */
  readonly tell?: Payment
  readonly replayed?: boolean
  /** On top of the usual latency. */
  readonly delayMs?: number
  /** The answer gets lost on its way. */
  readonly lost?: boolean
}

/** Answers what Stripe's API and the inspection pages are asked; `undefined` means that no answer ever comes. */
export function createOperations(payments: Payments): (request: ProviderRequest) => Reply | undefined {
  const ok = (body: unknown): Reply => ({ status: 200, body: JSON.stringify(body) })

  function read({ path, query, origin }: ProviderRequest): Reply {
    const [, id] = /^\/v1\/payment_intents\/(pi_\w+)$/.exec(path) ?? []
    if (id !== undefined) return ok(paymentIntent(payments.get(id), origin))
    const form = parseForm(query)
    if (path === "/v1/payment_intents") return ok(listPayments(payments.all(), form, origin))
    if (path === "/v1/refunds") return ok(listRefunds(payments.refundsOf, form))
    if (path === "/v1/payment_intents/search") return ok(searchPayments(payments.all(), form, origin))
    throw unknownUrl("GET", path)
  }

  const page = (body: string): Reply => ({ status: 200, body, isPage: true })
  const shopperOf = (path: string) => /^\/sim\/authenticate\/(pi_\w+)$/.exec(path)?.[1]

  /** What the shopper does at his page. */
  function authenticate(id: string, { body, origin }: ProviderRequest): Reply {
    const { changed } = payments.authenticate(id, parseForm(body), origin)
    payments.keep(changed)
    const payment = payments.get(id)
    return { ...page(resultPage(payment)), tell: payment }
  }

  function inspect({ path, query }: ProviderRequest): Reply {
    const id = shopperOf(path)
    if (id !== undefined) return page(confirmationPage(payments.get(id)))
    if (path !== "/sim/payments") throw unknownUrl("GET", path)
    const { attempt_id } = parseForm(query)
    const items = payments.all().filter(({ metadata }) => attempt_id === undefined || metadata.attempt_id === attempt_id)
    return ok({ items: items.map(paymentSummary) })
  }

  function change({ path, origin }: ProviderRequest, form: Form): Outcome {
    if (path === "/v1/payment_intents") return payments.create(form, origin)
    if (path === "/v1/refunds") return payments.refund(form)
    const [, id = "", action] = /^\/v1\/payment_intents\/(pi_\w+)\/(capture|cancel)$/.exec(path) ?? []
    if (action === "capture") return payments.capture(id, form, origin)
    if (action === "cancel") return payments.cancel(id, form, origin)
    throw unknownUrl("POST", path)
  }

  /**
   * A change under an idempotency key takes effect once, and its first answer is repeated, a failure (500), too. Refusals of the request itself
   * are not remembered, as with Stripe.
   */
  function changeOnce(request: ProviderRequest): Reply | undefined {
    const form = parseForm(request.body)
    const fingerprint = `${request.path}?${[...new URLSearchParams(request.body)]
      .map((pair) => pair.join("="))
      .sort()
      .join("&")}`
    const key = request.idempotencyKey
    const known = key === undefined ? undefined : payments.recordedAnswer(key)
    if (known) {
      if (known.fingerprint === fingerprint) return { status: known.status, body: known.body, replayed: true }
      throw idempotencyError(400, `Keys for idempotent requests can only be used with the same parameters: ${known.key}`)
    }
    const method = request.path === "/v1/payment_intents" && typeof form.payment_method === "string" ? form.payment_method : ""
    const { answers, answersAfterMs = 0 } = behaviourOf(method) ?? {}
    if (answers === "never") return undefined
    const outcome = change(request, form)
    const reply = { status: outcome.status, body: JSON.stringify(outcome.body) }
    payments.keep(outcome.changed, key === undefined ? undefined : { key, fingerprint, ...reply })
    return { ...reply, delayMs: answersAfterMs, lost: answers === "lost-once" }
  }

  return (request) => {
    try {
      const id = shopperOf(request.path)
      if (request.method === "POST") return id === undefined ? changeOnce(request) : authenticate(id, request)
      if (request.method !== "GET") throw unknownUrl(request.method, request.path)
      return request.path.startsWith("/sim/") ? inspect(request) : read(request)
    } catch (error) {
      if (!(error instanceof StripeError)) throw error
      return { status: error.status, body: JSON.stringify({ error: error.error }) }
    }
  }
}

const unknownUrl = (method: string, path: string) =>
  invalidRequest("url_invalid", `Unrecognized request URL (${method}: ${path}).`, {}, 404)
