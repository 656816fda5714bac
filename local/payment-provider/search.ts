import { z } from "zod"
import { type Form, readForm, wholeNumber } from "./form.ts"
import { disputeObject, type Payment, paymentIntent, refundObject } from "./payment.ts"
import type { PaymentStore } from "./payment-store.ts"
import { invalidRequest } from "./stripe-error.ts"

const limit = wholeNumber.refine((count) => count >= 1 && count <= 100, "must be 1 to 100").default(10)
const ListForm = z.strictObject({
  limit,
  starting_after: z.string().optional(),
  created: z.strictObject({ gte: wholeNumber }).optional(),
})
const SearchForm = z.strictObject({ query: z.string(), limit, page: z.string().optional() })

/** GET /v1/payment_intents */
export function listPayments(payments: readonly Payment[], form: Form, origin: string) {
  const { limit: count, starting_after, created } = readForm(ListForm, form)
  const rest = after(starting_after, payments).filter((payment) => created === undefined || payment.created >= created.gte)
  return page("list", "/v1/payment_intents", rest, count, origin)
}

/** The objects of one payment, or those of all payments that were made since a moment. */
const RefundsForm = z.strictObject({
  payment_intent: z.string().optional(),
  created: z.strictObject({ gte: wholeNumber }).optional(),
  limit,
  starting_after: z.string().optional(),
})

/** GET /v1/refunds */
export const listRefunds = ({ refundsOf }: PaymentStore, form: Form) => listOf("/v1/refunds", refundsOf, refundObject, form)

/** GET /v1/disputes */
export const listDisputes = ({ disputesOf }: PaymentStore, form: Form) => listOf("/v1/disputes", disputesOf, disputeObject, form)

/** The objects that stand behind the one with this id. */
const after = <Kept extends { readonly id: string }>(id: string | undefined, kept: readonly Kept[]): readonly Kept[] =>
  id === undefined ? kept : kept.slice(kept.findIndex((each) => each.id === id) + 1)

function listOf<Kept extends { readonly id: string; readonly created: number }>(
  url: string,
  read: (paymentId?: string) => readonly Kept[],
  objectOf: (kept: Kept) => unknown,
  form: Form,
) {
  const { payment_intent: paymentId, created, limit: count, starting_after } = readForm(RefundsForm, form)
  const kept = after(starting_after, read(paymentId)).filter((each) => created === undefined || each.created >= created.gte)
  return { object: "list", url, has_more: kept.length > count, data: kept.slice(0, count).map(objectOf) }
}

/**
 * GET /v1/payment_intents/search: clauses `metadata['name']:'value'` and `status:'value'`, joined by AND. Stripe's own search
 * shows a payment up to a minute late; this one shows it at once.
 */
export function searchPayments(payments: readonly Payment[], form: Form, origin: string) {
  const { query, limit: count } = readForm(SearchForm, form)
  const conditions = query.split(/\s+AND\s+/i).map(conditionOf)
  const found = payments.filter((payment) => conditions.every((holds) => holds(payment)))
  return { ...page("search_result", "/v1/payment_intents/search", found, count, origin), next_page: null }
}

function conditionOf(clause: string): (payment: Payment) => boolean {
  const [, field, name = "", value = ""] = /^(metadata|status)(?:\[["'](.+?)["']\])?:["'](.*)["']$/.exec(clause.trim()) ?? []
  if (field === "metadata") return ({ metadata }) => Object.hasOwn(metadata, name) && metadata[name] === value
  if (field === "status" && name === "") return ({ status }) => status === value
  throw invalidRequest("parameter_invalid", `This search cannot be understood: ${clause}`, { param: "query" })
}

const page = (object: string, url: string, payments: readonly Payment[], count: number, origin: string) => ({
  object,
  url,
  has_more: payments.length > count,
  data: payments.slice(0, count).map((payment) => paymentIntent(payment, origin)),
})
