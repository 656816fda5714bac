import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { escapeLiteral } from "pg"
import { expect } from "vitest"
import type { CreateSkuBody } from "../../core/contracts/http/admin.ts"
import type { Order } from "../../core/contracts/http/checkout.ts"
import type { Reservation } from "../../core/contracts/http/reservations.ts"
import { createApiClient } from "../../local/admin-client.ts"
import { saleDatabase, tokenAudience, tokenIssuer } from "../../local/environment.ts"
import { openIssuer, type TokenRequest } from "../../local/identity/issuer.ts"
import { postgresUrl } from "../../local/services/data-services.ts"
import { runStatements } from "../../local/services/database.ts"
import { ownerLogin } from "../../local/services/postgres.ts"
import type { RunningSystem } from "./system.ts"

const pollMs = 50

/** Waits until `condition` returns a value. The timeout of the test bounds it. */
export async function until<T>(condition: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await condition()
    if (found !== undefined && found !== false) return found
    await delay(pollMs)
  }
}

type ShownOrder = Pick<Order, "order_id" | "status" | "refunded_minor">

interface Answer {
  readonly status: number
  readonly body: Partial<Reservation> & { readonly type?: string; readonly items?: ShownOrder[] }
}

/** The shop behind the page: its operators, and shoppers without a browser. */
export async function shopOf({ url, folder }: Pick<RunningSystem, "url" | "folder">) {
  const issuer = await openIssuer({ stateDir: folder.dir, issuer: tokenIssuer, audience: tokenAudience })
  const { ports } = folder.read()
  const databaseUrl = postgresUrl(ownerLogin, folder.secrets().databaseOwnerPassword, ports.postgres ?? 0, saleDatabase)
  const admin = createApiClient(url, () => issuer.sign({ sub: "operator", scope: "sales:admin" }))

  async function call(method: string, path: string, who: TokenRequest, body?: unknown, key?: string): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${await issuer.sign(who)}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Answer["body"] }
  }

  /** Another shopper's hold, or place on the waitlist. */
  async function reserve(skuId: string, sub: string, more: { quantity?: number; join_waitlist?: boolean } = {}) {
    const body = { sku_id: skuId, quantity: 1, ...more }
    const key = `browser-${randomUUID()}`
    const answer = await until(async () => {
      const now = await call("POST", "/v1/reservations", { sub }, body, key)
      return now.status < 500 && now
    })
    const id = answer.body.reservation_id ?? ""
    const path = `/v1/reservations/${id}?receipt=${answer.body.receipt ?? ""}`
    return {
      id,
      status: answer.body.status,
      isDecided: () => until(async () => (await call("GET", path, { sub })).body.decided === true),
      cancel: () => until(async () => (await call("DELETE", path, { sub })).status === 200),
    }
  }

  return {
    url,

    /** Creates a sale. Without `opens_at` it is open when this resolves. */
    async sale(definition: Partial<CreateSkuBody> & { readonly total_stock: number }): Promise<string> {
      const sku_id = `sku-${randomUUID().slice(0, 8)}`
      await admin.create({ sku_id, name: "Lamp, first edition", price_minor: 4_900, currency: "EUR", ...definition })
      if (definition.opens_at === undefined) await admin.steer(sku_id, "open")
      return sku_id
    },
    steer: admin.steer,
    reserve,

    /** An operator returns money of an order; resolves when the provider has made the refund. */
    async refund(orderId: string, body: { readonly reason: string; readonly amount_minor?: number }): Promise<void> {
      const operator = { sub: "operator", scope: "sales:admin" }
      const key = `refund-${randomUUID()}`
      await until(async () => {
        const answer = await call("POST", `/v1/admin/orders/${orderId}/refund`, operator, body, key)
        return answer.status < 300 && (answer.body as { status?: string }).status === "SUCCEEDED"
      })
    },

    /** Uses up the tokens of a shopper's rate limiter, with requests for another sale. */
    async spendTokens(skuId: string, sub: string): Promise<void> {
      const body = { sku_id: skuId, quantity: 1 }
      const ask = async () => (await call("POST", "/v1/reservations", { sub }, body, `spent-${randomUUID()}`)).status !== 429
      for (let isServed = true; isServed; ) isServed = (await Promise.all(Array.from({ length: 20 }, ask))).every(Boolean)
    },

    /** Moves the data's clock: the holds of a sale ended a second ago. */
    endHolds: (skuId: string) =>
      runStatements(
        databaseUrl,
        `UPDATE reservations r SET expires_at = clock_timestamp() - interval '1 second'
          FROM inventory s WHERE s.sku_no = r.sku_no AND s.sku_id = ${escapeLiteral(skuId)} AND r.expires_at > clock_timestamp()`,
      ),

    /** The orders of a shopper, as the API tells them. */
    orders: async (sub: string) => (await call("GET", "/v1/orders", { sub })).body.items ?? [],

    /** Every invariant that SQL can check holds. */
    async expectInvariants(): Promise<void> {
      const { body } = await call("GET", "/v1/admin/verify", { sub: "operator", scope: "sales:admin" })
      const { ok, checks } = body as unknown as { ok: boolean; checks: { name: string; ok: boolean }[] }
      expect(checks.filter((check) => !check.ok)).toEqual([])
      expect(ok).toBe(true)
    },
  }
}

export type Shop = Awaited<ReturnType<typeof shopOf>>
