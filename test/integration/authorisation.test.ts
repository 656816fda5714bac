import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { type Access, routes } from "../../core/contracts/http/routes.ts"
import { eventOf, signedCall } from "../sale/signed-call.ts"
import { authorisations, badTokens, goodTokens, type TokenKind } from "./authorisation-tokens.ts"
import { type Ask, newKey, refused } from "./bad-input-api.ts"
import { givenShop } from "./bad-input-shop.ts"

const owner = "the-owner"

/** A call of a route: its path, the request, and the answer to a permitted caller. */
interface Row {
  readonly path?: () => string
  readonly body?: () => object
  readonly key?: boolean
  readonly signed?: () => ReturnType<typeof signedCall>
  readonly good: number
  /** The answer to a shopper about the data of another; the answer of their own account if absent. */
  readonly foreign?: "reservation-not-found" | "order-not-found"
}

let shop: Awaited<ReturnType<typeof givenShop>>
let authorisation: Record<TokenKind, string | undefined>
const made = { open: "", draft: "", hold: "", cancelled: "", paid: "", order: "" }

const ofSku = (name: "open" | "draft", action: string) => () => `/v1/admin/skus/${made[name]}/${action}`
const steer = (action: string, body?: object): Row => ({
  path: ofSku("open", action),
  good: 200,
  ...(body && { body: () => body }),
})

/** Every route of the API. A route without a row here fails the first test. */
const table: Readonly<Record<string, Row>> = {
  "GET /v1/skus": { good: 200 },
  "GET /v1/skus/{sku_id}": { path: () => `/v1/skus/${made.open}`, good: 200 },
  "GET /v1/skus/{sku_id}/availability": { path: () => `/v1/skus/${made.open}/availability`, good: 200 },
  "POST /v1/reservations": { body: () => ({ sku_id: made.open, quantity: 1 }), key: true, good: 201 },
  "POST /v1/reservations/batch": {
    body: () => ({ items: [{ user_id: "u", sku_id: made.open, quantity: 1 }] }),
    key: true,
    good: 202,
  },
  "GET /v1/reservations/{reservation_id}": {
    path: () => `/v1/reservations/${made.hold}`,
    good: 200,
    foreign: "reservation-not-found",
  },
  "DELETE /v1/reservations/{reservation_id}": {
    path: () => `/v1/reservations/${made.cancelled}`,
    good: 200,
    foreign: "reservation-not-found",
  },
  "POST /v1/reservations/{reservation_id}/checkout": {
    path: () => `/v1/reservations/${made.hold}/checkout`,
    body: () => ({ payment_method: "pm_card_visa" }),
    key: true,
    good: 201,
    foreign: "reservation-not-found",
  },
  // A valid signature permits this call, not a token.
  "POST /v1/payments/webhook": { signed: () => signedCall(eventOf("pi_1", crypto.randomUUID())), good: 200 },
  "GET /v1/orders": { good: 200 },
  "GET /v1/orders/{order_id}": { path: () => `/v1/orders/${made.order}`, good: 200, foreign: "order-not-found" },
  "GET /v1/health": { good: 200 },
  "GET /v1/ready": { good: 200 },
  "GET /.well-known/receipt-keys.json": { good: 200 },
  "GET /openapi.json": { good: 200 },
  "GET /v1/admin/skus": { good: 200 },
  "POST /v1/admin/skus": {
    body: () => ({ sku_id: `new-${newKey()}`, name: "A thing", price_minor: 100, currency: "EUR", total_stock: 1 }),
    good: 201,
  },
  "POST /v1/admin/skus/{sku_id}/open": { path: ofSku("draft", "open"), good: 200 },
  "POST /v1/admin/skus/{sku_id}/close": { path: ofSku("draft", "close"), good: 200 },
  "POST /v1/admin/skus/{sku_id}/halt": steer("halt"),
  "POST /v1/admin/skus/{sku_id}/resume": steer("resume"),
  "POST /v1/admin/skus/{sku_id}/restock": steer("restock", { quantity: -1 }),
  "POST /v1/admin/skus/{sku_id}/mode": steer("mode", { mode: "batch" }),
  "POST /v1/admin/skus/{sku_id}/extend": steer("extend", { seconds: 1 }),
  // The order is not captured here: this is the answer to a permitted caller.
  "POST /v1/admin/orders/{order_id}/refund": {
    path: () => `/v1/admin/orders/${made.order}/refund`,
    body: () => ({ reason: "a test" }),
    key: true,
    good: 409,
  },
  "GET /v1/admin/skus/{sku_id}/stats": steer("stats"),
  "GET /v1/admin/analytics": { good: 200 },
  "GET /v1/admin/verify": { good: 200 },
}

beforeAll(async () => {
  shop = await givenShop()
  authorisation = await authorisations(inject("services").stateDir, owner)
  made.open = await shop.api.sku({ per_user_limit: 10, max_unpaid_holds: 10 })
  made.draft = await shop.api.sku({ open: false })
  made.hold = await shop.hold(made.open, owner)
  made.cancelled = await shop.hold(made.open, owner)
  made.paid = await shop.hold(made.open, owner)
  made.order = String((await shop.pay(made.paid, owner)).body.order_id)
})
afterAll(() => shop.close())

test("every route has a row, and every row has a route", () => {
  expect(Object.keys(table).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort())
})

const isBad = (kind: TokenKind) => (badTokens as readonly string[]).includes(kind)
const grants: Readonly<Record<string, Access>> = { "batch scope": "reservations:batch", "admin scope": "sales:admin" }

/** The answer of a route to a kind of token, from its access and its row alone. */
function expected(access: Access, kind: TokenKind, { good, foreign }: Row) {
  if (access === "anyone") return { status: good }
  if (isBad(kind)) return refused("unauthorized")
  if (access !== "shopper") return grants[kind] === access ? { status: good } : refused("insufficient-scope")
  return kind === "shopper" || foreign === undefined ? { status: good } : refused(foreign)
}

describe.each(routes)("$method $path, for $access", ({ method, path, access }) => {
  const row = table[`${method} ${path}`] ?? { good: 0 }

  // The permitted caller is last: a forbidden caller must not have made its change before.
  test.each<TokenKind>([...badTokens, ...goodTokens])("%s", async (kind) => {
    const [header, signed] = [authorisation[kind], row.signed?.()]
    const request: Ask = {
      ...(row.key && { key: newKey() }),
      ...(row.body && { body: row.body() }),
      ...(signed && { body: signed.body }),
      headers: { ...signed?.headers, ...(header !== undefined && { authorization: header }) },
    }
    expect(await shop.api.ask(method, row.path?.() ?? path, request)).toMatchObject(expected(access, kind, row))
  })
})

test("a receipt gives no access to another shopper", async () => {
  const { body } = await shop.reserve(made.open, owner)
  const path = `/v1/reservations/${body.reservation_id}`
  const query = `?receipt=${body.receipt}`
  expect(await shop.api.ask("GET", path + query, { user: owner })).toMatchObject({ status: 200 })
  for (const [method, more, request] of [
    ["GET", "", {}],
    ["DELETE", "", {}],
    ["POST", "/checkout", { key: newKey(), body: { payment_method: "pm_card_visa" } }],
  ] as const) {
    expect(await shop.api.ask(method, path + more + query, { user: "somebody-else", ...request })).toEqual(
      refused("reservation-not-found"),
    )
  }
})

test("afterwards every invariant holds", () => shop.expectInvariants())
