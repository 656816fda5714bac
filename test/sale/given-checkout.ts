import { randomUUID } from "node:crypto"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import type { Pool, QueryConfig } from "pg"
import { expect, inject } from "vitest"
import type { HttpHandler } from "../../core/adapters/http/handler.ts"
import type { PaymentProvider } from "../../core/adapters/payment/provider.ts"
import { stripeProvider } from "../../core/adapters/payment/stripe.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { createMarkOrderPaid } from "../../core/workflows/payments/mark-orders-paid.ts"
import type { CaptureDeps } from "../../core/workflows/payments/payment-deps.ts"
import { reconcilePayments } from "../../core/workflows/payments/reconcile-payments.ts"
import { checkoutAnswer, checkoutFailure } from "../../lambdas/checkout/answers.ts"
import { type CheckoutDeps, checkout } from "../../lambdas/checkout/workflow.ts"
import { pickPort } from "../../local/services/ports.ts"
import type { TestDatabase } from "../services/database.ts"
import { handlerEnvironment, testPaymentApiKey } from "../services/environment.ts"
import { startPart } from "../services/parts.ts"
import { call } from "../unit/http/call.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "./given-sale.ts"
import { requestRecord } from "./records.ts"
import { signedCall } from "./signed-call.ts"

/** Short, because tests wait for it when the provider does not answer. The handlers use the real value. */
const shortTimeoutMs = 400

export interface Hold {
  readonly id: string
  readonly userId: string
}

/** A payment as the provider shows it on its inspection page. */
interface SimulatedPayment {
  readonly id: string
  readonly attempt_id: string
  readonly status: string
  readonly amount: number
  readonly currency: string
  readonly amount_captured: number
  readonly amount_refunded: number
  readonly metadata: { readonly reservation_id: string }
  readonly history: readonly string[]
}

/** A provider process, with Stripe's own client in front of it. */
async function givenProvider() {
  const port = await pickPort(new Set())
  const part = await startPart("local/payment-provider/main.ts", {
    PAYMENT_PROVIDER_PORT: String(port),
    PAYMENT_LATENCY_MS: "20",
    PAYMENT_API_KEY: testPaymentApiKey,
    LOCAL_STATE_DIR: mkdtempSync(join(inject("services").stateDir, "payments-")),
  })
  const url = `http://127.0.0.1:${port}`
  const usual = { apiKey: async () => testPaymentApiKey, timeoutMs: shortTimeoutMs }
  const connect = (apiUrl: string) => stripeProvider({ ...usual, apiUrl, returnUrl: "https://shop.test/" })
  return {
    part,
    url,
    client: connect(url),
    /** A provider that cannot be reached. */
    unreachable: connect("http://127.0.0.1:9"),
    /** A client without a return URL for shoppers: the provider has no page for them. */
    withoutPages: stripeProvider({ ...usual, apiUrl: url }),
    /** The shopper's action at the provider's page. */
    async act(actionUrl: string, outcome: "confirm" | "fail") {
      const response = await fetch(actionUrl, { method: "POST", body: new URLSearchParams({ outcome }) })
      return response.status
    },
    /** What the staff of the shop or the bank of the shopper do, at the provider's refund page. */
    async decide(paymentRef: string, act: string, more: Record<string, string> = {}) {
      const body = new URLSearchParams({ act, ...more })
      const response = await fetch(`${url}/sim/refunds/${paymentRef}`, { method: "POST", body })
      return response.status
    },
    async payments(attemptId?: string): Promise<readonly SimulatedPayment[]> {
      const query = attemptId === undefined ? "" : `?attempt_id=${attemptId}`
      const response = await fetch(`${url}/sim/payments${query}`)
      return ((await response.json()) as { items: SimulatedPayment[] }).items
    },
  }
}

/** The text of a query to a pool. */
export const statementOf = (query: string | QueryConfig): string => (typeof query === "string" ? query : query.text)

/** The real writer, commands, checkout and provider on a database of their own. @param own as for givenDatabase */
export async function givenCheckout(own?: TestDatabase) {
  const given = await givenDatabase(own)
  const provider = await givenProvider()
  const environment = await handlerEnvironment({
    databaseUrl: process.env.DATABASE_URL ?? "",
    redisUrl: given.redisUrl,
    paymentApiUrl: provider.url,
  })
  const pool = await postgresPool({ role: "checkout", size: 8, pipeline: true })
  const { applyCommand, writer } = given.parts()
  const handlers = {
    checkout: await import("../../lambdas/checkout/handler.ts"),
    orders: await import("../../lambdas/orders/handler.ts"),
    admin: await import("../../lambdas/admin/handler.ts"),
    reservation: await import("../../lambdas/reservation/handler.ts"),
  }
  const { find } = await handlers.reservation.runtime.open()
  const deps: CheckoutDeps & CaptureDeps = {
    pool,
    provider: provider.client,
    find,
    applyCommand,
    markOrderPaid: createMarkOrderPaid(applyCommand),
    show: given.projection.project,
  }

  async function callAs(userId: string, handler: HttpHandler, routeKey: string, request: Parameters<typeof call>[2] = {}) {
    const token = await environment.token({ sub: userId })
    return call(handler, routeKey, { ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } })
  }

  return {
    ...given,
    provider,
    pool,
    deps,
    applyCommand,
    /** The environment of the functions, for processes of their own. */
    variables: environment.variables,
    /** An access token that the functions accept. */
    token: environment.token,

    /** Reservations of new users, decided by the writer in this order. */
    async reserve(sku: Awaited<ReturnType<GivenDatabase["sku"]>>, count = 1, more: Parameters<typeof requestRecord>[1] = {}) {
      const records = Array.from({ length: count }, () => requestRecord(sku, more))
      await writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
      return records.map(({ id, userId }): Hold => ({ id, userId }))
    },

    /** POST /v1/reservations/{id}/checkout */
    pay: (hold: Hold, { method = "pm_card_visa", key = randomUUID() as string, query = "" } = {}) =>
      callAs(hold.userId, handlers.checkout.handler, "POST /v1/reservations/{reservation_id}/checkout", {
        path: { reservation_id: hold.id },
        query,
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify({ payment_method: method }),
      }),

    /**
     * The same workflow and answers with parts replaced, such as a provider or a database that fails at one point.
     * @throws ProblemError for a checkout that ends without an order or a page of the provider
     */
    payThrough: (planted: Partial<CheckoutDeps>, hold: Hold, key: string, method = "pm_card_visa", returnUrl?: string) =>
      checkout(
        { ...deps, ...planted },
        { question: { id: hold.id, userId: hold.userId, owner: 0 }, idempotencyKey: key, paymentMethod: method, returnUrl },
      ).then(
        (result) => checkoutAnswer(result, hold.id, "/planted"),
        (error) => {
          throw checkoutFailure(error)
        },
      ),

    /** POST /v1/admin/orders/{order_id}/refund, by an operator. */
    async refund(
      orderId: string,
      asked: object = {},
      { key = randomUUID() as string, sub = "operator", scope = "sales:admin" } = {},
    ) {
      const token = await environment.token({ sub, scope })
      return call(handlers.checkout.handler, "POST /v1/admin/orders/{order_id}/refund", {
        path: { order_id: orderId },
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify({ reason: "a test", ...asked }),
      })
    },

    /** POST /v1/admin/skus/{sku_id}/restock, by the same operator. */
    async restock(skuId: string, quantity: number, key: string) {
      const token = await environment.token({ sub: "operator", scope: "sales:admin" })
      return call(handlers.admin.handler, "POST /v1/admin/skus/{sku_id}/restock", {
        path: { sku_id: skuId },
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify({ quantity }),
      })
    },

    /** The refunds on record of an order, the oldest first. */
    async refunds(orderId: string) {
      const { rows } = await given.superuser.query<{ state: string; amount_minor: number; origin: string; provider_ref: string }>(
        "SELECT state, amount_minor::int AS amount_minor, origin, provider_ref FROM refunds WHERE order_id = $1 ORDER BY requested_at",
        [orderId],
      )
      return rows
    },

    /** Moves the data's clock: the provider is asked about every open refund now. */
    refundsAreDue: () => given.superuser.query("UPDATE refunds SET next_at = clock_timestamp() - interval '1 second'"),

    /** POST /v1/payments/webhook, signed as the provider signs. */
    webhook: (event: object) => call(handlers.checkout.handler, "POST /v1/payments/webhook", signedCall(event)),

    status: (hold: Hold) =>
      callAs(hold.userId, handlers.reservation.handler, "GET /v1/reservations/{reservation_id}", {
        path: { reservation_id: hold.id },
      }),
    cancel: (hold: Hold) =>
      callAs(hold.userId, handlers.reservation.handler, "DELETE /v1/reservations/{reservation_id}", {
        path: { reservation_id: hold.id },
      }),
    orders: (userId: string, query = "") => callAs(userId, handlers.orders.handler, "GET /v1/orders", { query }),
    order: (userId: string, orderId: string) =>
      callAs(userId, handlers.orders.handler, "GET /v1/orders/{order_id}", { path: { order_id: orderId } }),

    paymentOf: async (hold: Hold, key: string) =>
      (await provider.payments(attemptIdOf(hold.id, key))).map(({ history }) => history),
    reconcile: (planted: { provider?: PaymentProvider; pool?: Pool } = {}) => reconcilePayments({ ...deps, ...planted }),

    /** Moves the data's clock: attempts were abandoned and orders were made so long ago. */
    async age(seconds: number) {
      await given.superuser.query(
        "UPDATE payment_attempts SET updated_at = updated_at - make_interval(secs => $1), created_at = created_at - make_interval(secs => $1)",
        [seconds],
      )
      await given.superuser.query("UPDATE orders SET created_at = created_at - make_interval(secs => $1)", [seconds])
    },

    /** The attempts to pay for a hold, oldest first. */
    async attempts(hold: Hold) {
      const { rows } = await given.superuser.query<{ status: string; settled: boolean }>(
        "SELECT status, settled_at IS NOT NULL AS settled FROM payment_attempts WHERE reservation_id = $1 ORDER BY created_at",
        [hold.id],
      )
      return rows
    },

    /** Invariant 9 with the provider's own records: no money is held without an order, no order is paid without it. */
    async expectMoneyToMatch() {
      const { rows } = await given.superuser.query<{ attempt_id: string; status: string }>(
        "SELECT attempt_id, status FROM orders",
      )
      const orders = new Map(rows.map(({ attempt_id, status }) => [attempt_id, status]))
      const payments = await provider.payments()
      for (const { attempt_id, status, history, amount_captured, amount_refunded } of payments) {
        const order = orders.get(attempt_id)
        if (status === "requires_capture") expect(order).toBe("PENDING_CAPTURE")
        // A refund that failed after its order was refunded leaves the money with the shop.
        const isRefunded = order === "REFUNDED" && history.includes("refund-failed")
        if (amount_captured > amount_refunded && !isRefunded && !history.includes("dispute-lost")) expect(order).toBe("PAID")
        if (order !== undefined && amount_captured > 0 && amount_captured === amount_refunded) {
          expect(["REFUNDED", "FAILED"]).toContain(order)
        }
        expect(amount_refunded).toBeLessThanOrEqual(amount_captured)
        for (const once of ["authorised", "captured", "voided"]) {
          expect(history.filter((event) => event === once).length).toBeLessThanOrEqual(1)
        }
      }
      const captured = new Set(payments.filter(({ status }) => status === "succeeded").map(({ attempt_id }) => attempt_id))
      for (const [attemptId, status] of orders) if (status === "PAID") expect(captured).toContain(attemptId)
    },

    async close() {
      await Promise.all(Object.values(handlers).map(({ runtime }) => runtime.close()))
      await Promise.all([pool.end(), environment.close()])
      await provider.part.stop()
      await given.close()
    },
  }
}
