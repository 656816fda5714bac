import { randomUUID } from "node:crypto"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, inject, test } from "vitest"
import { pickPort } from "../../local/services/ports.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { testPaymentApiKey } from "../services/environment.ts"
import { type StartedPart, startPart } from "../services/parts.ts"

let provider: StartedPart
let providerUrl: string
let sale: RunningSale
beforeEach(async () => {
  const port = await pickPort(new Set())
  provider = await startPart("local/payment-provider/main.ts", {
    PAYMENT_PROVIDER_PORT: String(port),
    PAYMENT_LATENCY_MS: "20",
    PAYMENT_API_KEY: testPaymentApiKey,
    LOCAL_STATE_DIR: mkdtempSync(join(inject("services").stateDir, "payments-")),
  })
  providerUrl = `http://127.0.0.1:${port}`
  sale = await runningSale({ paymentApiUrl: providerUrl })
})
afterEach(async () => {
  await sale.close()
  await provider.stop()
})

/** An order that is paid, of a sale without a writer, and a shopper who waits for its unit. */
async function paid() {
  const { skuId } = await sale.sku({ total_stock: 1, waitlist_limit: 5, hold_seconds: 3_600 })
  await sale.steer("POST", `skus/${skuId}/mode`, { mode: "direct" })
  const { body: hold } = await sale.reserve(skuId, "alice")
  const { body: waiting } = await sale.reserve(skuId, "bob", { join_waitlist: true })
  const { body: order } = await sale.call<{ order_id: string }>(
    "POST",
    `/v1/reservations/${hold.reservation_id}/checkout`,
    { sub: "alice" },
    { "idempotency-key": randomUUID() },
    { payment_method: "pm_card_visa" },
  )
  // The data's clock: the order is old enough for the reconciler.
  await sale.superuser.query("UPDATE orders SET created_at = created_at - interval '1 minute'")
  await until(async () => (await orderOf(order.order_id)).status === "PAID")
  return { skuId, orderId: order.order_id, waitingId: waiting.reservation_id ?? "" }
}
const orderOf = async (orderId: string) =>
  (await sale.call<{ status: string; refunded_minor?: number }>("GET", `/v1/orders/${orderId}`, { sub: "alice" })).body
const refundOrder = (orderId: string, key: string) =>
  sale.call<{ status: string }>(
    "POST",
    `/v1/admin/orders/${orderId}/refund`,
    { sub: "operator", scope: "sales:admin" },
    { "idempotency-key": key },
    { reason: "a test" },
  )

test.each(["recorded", "answered", "settled"])(
  "an API killed when a refund was %s: the money goes back once, the waiter gets the unit, and the same key says so",
  async (point) => {
    await sale.api()
    await sale.sweeper()
    const { skuId, orderId, waitingId } = await paid()
    const failpoint = sale.failpoint(`refund:${point}`)
    const dying = await sale.api(failpoint.variables)
    const key = randomUUID()
    const unanswered = refundOrder(orderId, key).catch(() => undefined)
    await failpoint.reached()
    dying.signal("SIGKILL")
    await dying.ended
    failpoint.release()
    expect(await unanswered).toBeUndefined()

    await sale.api()
    await sale.superuser.query("UPDATE refunds SET next_at = clock_timestamp()")
    await until(async () => (await orderOf(orderId)).status === "REFUNDED")
    expect(await orderOf(orderId)).toMatchObject({ refunded_minor: 500 })
    expect(await refundOrder(orderId, key)).toMatchObject({ status: 200, body: { status: "SUCCEEDED" } })
    expect((await sale.get(`/v1/reservations/${waitingId}`, "bob")).body.status).toBe("RESERVED")
    const response = await fetch(`${providerUrl}/sim/payments`)
    const { items } = (await response.json()) as { items: { history: string[] }[] }
    expect(items.map(({ history }) => history)).toEqual([["authorised", "captured", "refunded"]])
    const refunds = await until(async () => {
      const events = (await sale.events(skuId)).filter(({ event_type }) => event_type === "order.refunded")
      return events.length > 0 && events
    })
    expect(refunds).toMatchObject([{ payload: { order_id: orderId, version: 1, refunded_minor: 500, units_returned: true } }])
    await sale.expectInvariants()
  },
)
