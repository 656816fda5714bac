import { authenticatePayment, cancelPayment, capturePayment } from "./change-payment.ts"
import { createPayment } from "./create-payment.ts"
import { type Form, parseForm } from "./form.ts"
import { type Behaviour, behaviourOf } from "./methods.ts"
import type { Outcome, ProviderEvent } from "./outcome.ts"
import { confirmationPage, refundPage, resultPage } from "./pages.ts"
import { type Payment, paymentIntent, paymentSummary, refundObject } from "./payment.ts"
import type { PaymentStore } from "./payment-store.ts"
import { actOnRefunds, refundPayment } from "./refund-payment.ts"
import { listDisputes, listPayments, listRefunds, searchPayments } from "./search.ts"
import { idempotencyError, invalidRequest, StripeError } from "./stripe-error.ts"

export interface ProviderRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
  readonly idempotencyKey: string | undefined
  /** The address under which the client reached the provider: `http://127.0.0.1:1234`. */
  readonly origin: string
}

/** An answer, and how it is sent. */
export interface Reply {
  readonly status: number
  readonly body: string
  /** An HTML page instead of JSON. */
  readonly isPage?: boolean
  /** The events that the shop is notified of. */
  readonly notify?: readonly ProviderEvent[]
  readonly replayed?: boolean
  /** Added to the usual latency. */
  readonly delayMs?: number
  /** The answer is lost: the connection closes without it. */
  readonly lost?: boolean
}

const ok = (body: unknown): Reply => ({ status: 200, body: JSON.stringify(body) })
const page = (body: string): Reply => ({ status: 200, body, isPage: true })

/** Answers the calls of Stripe's API and of the simulation's own pages. @returns undefined when the call never gets an answer */
export const createOperations =
  (store: PaymentStore) =>
  (request: ProviderRequest): Reply | undefined => {
    try {
      return answerTo(store, request)
    } catch (error) {
      if (!(error instanceof StripeError)) throw error
      return { status: error.status, body: JSON.stringify({ error: error.error }) }
    }
  }

function answerTo(store: PaymentStore, request: ProviderRequest): Reply | undefined {
  const { method, path } = request
  const id = authenticatedPaymentOf(path)
  const refunded = refundedPaymentOf(path)
  if (method === "POST" && id !== undefined) return authenticate(store, id, request)
  if (method === "POST" && refunded !== undefined) return decideRefund(store, refunded, request)
  if (method === "POST") return changeOnce(store, request)
  if (method !== "GET") throw unknownUrl(method, path)
  return path.startsWith("/sim/") ? inspect(store, request) : read(store, request)
}

const authenticatedPaymentOf = (path: string) => /^\/sim\/authenticate\/(pi_\w+)$/.exec(path)?.[1]

const refundedPaymentOf = (path: string) => /^\/sim\/refunds\/(pi_\w+)$/.exec(path)?.[1]

/** Staff of the shop submit the provider's refund page. */
function decideRefund(store: PaymentStore, id: string, { body }: ProviderRequest): Reply {
  const { changed, events = [] } = actOnRefunds(store, id, parseForm(body))
  store.save(changed)
  return { ...refundPageOf(store, id), notify: events }
}

const refundPageOf = (store: PaymentStore, id: string): Reply =>
  page(refundPage(store.get(id), store.refundsOf(id), store.disputesOf(id)))

/** The shopper submits the provider's page. */
function authenticate(store: PaymentStore, id: string, { body, origin }: ProviderRequest): Reply {
  const { changed } = authenticatePayment(store, id, parseForm(body), origin)
  store.save(changed)
  const payment = store.get(id)
  return { ...page(resultPage(payment)), notify: [authenticationEvent(payment, origin)] }
}

const authenticationEvent = (payment: Payment, origin: string): ProviderEvent => ({
  type: payment.status === "requires_capture" ? "payment_intent.amount_capturable_updated" : "payment_intent.payment_failed",
  object: paymentIntent(payment, origin),
})

function inspect(store: PaymentStore, { path, query }: ProviderRequest): Reply {
  const id = authenticatedPaymentOf(path)
  if (id !== undefined) return page(confirmationPage(store.get(id)))
  const refunded = refundedPaymentOf(path)
  if (refunded !== undefined) return refundPageOf(store, refunded)
  if (path !== "/sim/payments") throw unknownUrl("GET", path)
  const { attempt_id } = parseForm(query)
  const items = store.all().filter(({ metadata }) => attempt_id === undefined || metadata.attempt_id === attempt_id)
  return ok({ items: items.map(paymentSummary) })
}

function read(store: PaymentStore, { path, query, origin }: ProviderRequest): Reply {
  const [, id] = /^\/v1\/payment_intents\/(pi_\w+)$/.exec(path) ?? []
  if (id !== undefined) return ok(paymentIntent(store.get(id), origin))
  const [, refundId] = /^\/v1\/refunds\/(re_\w+)$/.exec(path) ?? []
  if (refundId !== undefined) return ok(refundObject(store.refund(refundId)))
  const form = parseForm(query)
  if (path === "/v1/payment_intents") return ok(listPayments(store.all(), form, origin))
  if (path === "/v1/refunds") return ok(listRefunds(store, form))
  if (path === "/v1/disputes") return ok(listDisputes(store, form))
  if (path === "/v1/payment_intents/search") return ok(searchPayments(store.all(), form, origin))
  throw unknownUrl("GET", path)
}

/**
 * A change under an idempotency key takes effect once, and its first answer is repeated, also a failure (500). As with Stripe,
 * the refusal of an invalid request is not recorded.
 */
function changeOnce(store: PaymentStore, request: ProviderRequest): Reply | undefined {
  const form = parseForm(request.body)
  const fingerprint = fingerprintOf(request)
  const key = request.idempotencyKey
  const known = key === undefined ? undefined : store.recordedAnswer(key)
  if (known) {
    if (known.fingerprint === fingerprint) return { status: known.status, body: known.body, replayed: true }
    throw idempotencyError(400, `Keys for idempotent requests can only be used with the same parameters: ${known.key}`)
  }
  const { answers, answersAfterMs = 0 } = answeringOf(store, request.path, form)
  if (answers === "never") return undefined
  const outcome = change(store, request, form)
  const reply = { status: outcome.status, body: JSON.stringify(outcome.body) }
  store.save(outcome.changed, key === undefined ? undefined : { key, fingerprint, ...reply })
  return { ...reply, delayMs: answersAfterMs, lost: answers === "lost-once", notify: outcome.events ?? [] }
}

/** How calls that create a payment or a refund are answered, by the payment method. */
function answeringOf(store: PaymentStore, path: string, form: Form): Pick<Behaviour, "answers" | "answersAfterMs"> {
  const { payment_method: method, payment_intent: id } = form
  if (path === "/v1/payment_intents" && typeof method === "string") return behaviourOf(method) ?? {}
  if (path !== "/v1/refunds" || typeof id !== "string") return {}
  const { refundAnswers } = behaviourOf(store.get(id).paymentMethod) ?? {}
  return refundAnswers === undefined ? {} : { answers: refundAnswers }
}

/** The path and the parameters in a fixed order. */
function fingerprintOf({ path, body }: ProviderRequest): string {
  const parameters = [...new URLSearchParams(body)].map((pair) => pair.join("=")).sort()
  return `${path}?${parameters.join("&")}`
}

function change(store: PaymentStore, { path, origin }: ProviderRequest, form: Form): Outcome {
  if (path === "/v1/payment_intents") return createPayment(form, origin)
  if (path === "/v1/refunds") return refundPayment(store, form)
  const [, id = "", action] = /^\/v1\/payment_intents\/(pi_\w+)\/(capture|cancel)$/.exec(path) ?? []
  if (action === "capture") return capturePayment(store, id, form, origin)
  if (action === "cancel") return cancelPayment(store, id, form, origin)
  throw unknownUrl("POST", path)
}

const unknownUrl = (method: string, path: string) =>
  invalidRequest("url_invalid", `Unrecognized request URL (${method}: ${path}).`, {}, 404)
