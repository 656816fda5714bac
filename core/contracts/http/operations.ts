import * as z from "zod"
import { refusalReasons } from "../../domain/reservation.ts"
import { AnalyticsQuery, AnalyticsReport } from "../analytics.ts"
import { ordersConfirmedSchemaPath } from "../orders-confirmed.ts"
import type { ProblemSlug } from "../problems.ts"
import {
  AdminSku,
  AdminSkuList,
  AdminSkuQuery,
  CreateSkuBody,
  ExtendBody,
  HoldsExtended,
  ModeBody,
  RestockBody,
  SkuStats,
  Verification,
} from "./admin.ts"
import { CheckoutBody, Order, OrderList, PaymentAction } from "./checkout.ts"
import { Health, Readiness } from "./health.ts"
import { type Lead, ofAdminSku, ofPayment, ofReservation, ofSku } from "./openapi-links.ts"
import { OrderPageQuery, SkuPageQuery } from "./pages.ts"
import { ReceiptKeySet } from "./receipt-keys.ts"
import { Refund, RefundBody } from "./refunds.ts"
import { BatchAnswer, ReceiptQuery, Reservation, ReserveBatchBody, ReserveBody } from "./reservations.ts"
import { Availability, Sku, SkuList } from "./skus.ts"
import { WebhookAnswer, WebhookBody } from "./webhook.ts"

/** A good answer. */
export interface Answer {
  readonly description: string
  readonly schema: z.ZodType
  /** Carries `Location` and `Retry-After`: where and when to ask again. */
  readonly isPending?: boolean
  readonly isCacheable?: boolean
  readonly leadsTo?: readonly Lead[]
}

/** The description of a route in the OpenAPI document, beyond the routes table and the parts that all routes have in common. */
export interface Operation {
  readonly id: string
  readonly body?: z.ZodType
  readonly query?: z.ZodObject
  readonly idempotencyKey?: "required" | "optional"
  /** Takes `Prefer: respond-async`. */
  readonly prefer?: boolean
  /** Its body is signed by the provider, and read only after its signature. */
  readonly signed?: boolean
  readonly answers: Readonly<Record<number, Answer>>
  readonly problems?: readonly ProblemSlug[]
}

const answer = (description: string, schema: z.ZodType, more: Partial<Answer> = {}): Answer => ({ description, schema, ...more })

const read = (id: string, description: string, schema: z.ZodType, more: Partial<Answer> = {}): Operation => ({
  id,
  answers: { 200: answer(description, schema, more) },
})

const steer = (id: string, description: string, body?: z.ZodType, refused: readonly ProblemSlug[] = []): Operation => ({
  id,
  ...(body && { body }),
  answers: { 200: answer(description, AdminSku, { leadsTo: ofAdminSku }) },
  problems: ["sku-not-found", ...refused],
})

/** Why a decision refuses a request. Every later operation on the refused reservation has the same answer. */
const refusals: readonly ProblemSlug[] = refusalReasons

const AnyObject = z.looseObject({})

/** Every operation by `"<METHOD> <path>"`; a test compares it with the routes table. */
export const operations: Readonly<Record<string, Operation>> = {
  "GET /v1/skus": {
    ...read("listSkus", "A page of the catalogue, the SKU that was created first at its head", SkuList, {
      leadsTo: ofSku("items/0/sku_id"),
    }),
    query: SkuPageQuery,
  },
  "GET /v1/skus/{sku_id}": { ...read("getSku", "The SKU", Sku, { leadsTo: ofSku("sku_id") }), problems: ["sku-not-found"] },
  "GET /v1/skus/{sku_id}/availability": {
    ...read("getAvailability", "Stock as seen now", Availability, { isCacheable: true }),
    problems: ["sku-not-found"],
  },
  "POST /v1/reservations": {
    id: "reserve",
    body: ReserveBody,
    idempotencyKey: "required",
    prefer: true,
    answers: {
      201: answer("Decided: the units are held", Reservation, { leadsTo: ofReservation() }),
      202: answer("Queued, or on the waitlist", Reservation, {
        isPending: true,
        leadsTo: ofReservation({ receipt: "receipt" }),
      }),
    },
    problems: [
      "request-lost",
      ...refusals,
      "sku-not-found",
      "quantity-limit",
      "idempotency-key-reused",
      "rate-limited",
      "sale-halted",
      "outcome-unknown",
    ],
  },
  "POST /v1/reservations/batch": {
    id: "reserveBatch",
    body: ReserveBatchBody,
    idempotencyKey: "required",
    answers: { 202: answer("An answer for each item, in their order", BatchAnswer) },
    problems: ["idempotency-key-reused", "outcome-unknown"],
  },
  "GET /v1/reservations/{reservation_id}": {
    ...read("getReservation", "The reservation, whatever became of it", Reservation, { leadsTo: ofReservation() }),
    query: ReceiptQuery,
    problems: ["reservation-not-found"],
  },
  "DELETE /v1/reservations/{reservation_id}": {
    ...read("cancelReservation", "The reservation, cancelled", Reservation, { leadsTo: ofReservation() }),
    query: ReceiptQuery,
    problems: [
      "reservation-not-found",
      "not-decided-yet",
      "request-lost",
      "reservation-expired",
      "reservation-confirmed",
      ...refusals,
      "outcome-unknown",
    ],
  },
  "POST /v1/reservations/{reservation_id}/checkout": {
    id: "checkout",
    body: CheckoutBody,
    query: ReceiptQuery,
    idempotencyKey: "required",
    answers: {
      200: answer("The order, confirmed before", Order, { leadsTo: ofPayment }),
      201: answer("Paid: the order", Order, { leadsTo: ofPayment }),
      202: answer("The shopper has to confirm the payment with the provider", PaymentAction, {
        isPending: true,
        leadsTo: ofReservation(),
      }),
    },
    problems: [
      "payment-declined",
      "reservation-not-found",
      "not-decided-yet",
      "request-lost",
      "reservation-expired",
      "reservation-cancelled",
      "payment-in-progress",
      "idempotency-key-reused",
      ...refusals,
      "outcome-unknown",
    ],
  },
  "POST /v1/payments/webhook": {
    id: "paymentWebhook",
    body: WebhookBody,
    signed: true,
    answers: { 200: answer("Heard; whether it changed anything is not told", WebhookAnswer) },
    problems: ["signature-invalid"],
  },
  "GET /v1/orders": { ...read("listOrders", "A page of the shopper's orders, newest first", OrderList), query: OrderPageQuery },
  "GET /v1/orders/{order_id}": { ...read("getOrder", "The order", Order), problems: ["order-not-found"] },
  "GET /v1/health": read("health", "The function runs", Health),
  "GET /v1/ready": read("ready", "Ready; `degraded` without Redis", Readiness),
  "GET /.well-known/receipt-keys.json": read("receiptKeys", "The keys, the signing one first", ReceiptKeySet, {
    isCacheable: true,
  }),
  [`GET ${ordersConfirmedSchemaPath}`]: read("ordersConfirmedSchema", "A JSON schema (draft 2020-12)", AnyObject, {
    isCacheable: true,
  }),
  "GET /openapi.json": read("openApi", "This document", AnyObject, { isCacheable: true }),
  "GET /v1/admin/skus": {
    ...read("listAdminSkus", "A page of the SKUs, the one that was created first at its head", AdminSkuList, {
      leadsTo: ofSku("items/0/sku_id"),
    }),
    query: AdminSkuQuery,
  },
  "POST /v1/admin/skus": {
    id: "createSku",
    body: CreateSkuBody,
    answers: {
      200: answer("The SKU, created before by the same body", AdminSku, { leadsTo: ofAdminSku }),
      201: answer("Created, in draft", AdminSku, { leadsTo: ofAdminSku }),
    },
    problems: ["sku-exists"],
  },
  "POST /v1/admin/skus/{sku_id}/open": steer("openSale", "Open", undefined, ["sale-closed"]),
  "POST /v1/admin/skus/{sku_id}/close": steer("closeSale", "Closed"),
  "POST /v1/admin/skus/{sku_id}/halt": steer("haltSale", "Halted"),
  "POST /v1/admin/skus/{sku_id}/resume": steer("resumeSale", "Resumed"),
  "POST /v1/admin/skus/{sku_id}/restock": {
    ...steer("restock", "Restocked, by this call or by an earlier one with its key", RestockBody, [
      "below-committed",
      "idempotency-key-reused",
    ]),
    idempotencyKey: "optional",
  },
  "POST /v1/admin/skus/{sku_id}/mode": steer("switchMode", "Switched", ModeBody, ["backlog-not-drained"]),
  "POST /v1/admin/skus/{sku_id}/extend": {
    id: "extendHolds",
    body: ExtendBody,
    idempotencyKey: "optional",
    answers: { 200: answer("Extended, by this call or by an earlier one with its key", HoldsExtended) },
    problems: ["sku-not-found", "idempotency-key-reused"],
  },
  "GET /v1/admin/skus/{sku_id}/stats": {
    ...read("getStats", "Counters of the sale", SkuStats),
    problems: ["sku-not-found"],
  },
  "GET /v1/admin/analytics": {
    ...read("getAnalytics", "The figures of the last minute and of everything before, of all SKUs or of one", AnalyticsReport),
    query: AnalyticsQuery,
    problems: ["sku-not-found"],
  },
  "POST /v1/admin/orders/{order_id}/refund": {
    id: "refundOrder",
    body: RefundBody,
    idempotencyKey: "required",
    answers: {
      200: answer(
        "The refund, made by this call or by an earlier one with its key; `status` says whether the money went back",
        Refund,
      ),
    },
    problems: [
      "order-not-found",
      "order-not-paid",
      "order-already-refunded",
      "refund-in-progress",
      "refund-too-large",
      "refund-refused",
      "idempotency-key-reused",
      "outcome-unknown",
    ],
  },
  "GET /v1/admin/verify": read("verify", "What every invariant says", Verification),
}
