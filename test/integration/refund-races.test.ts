import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { captureOrSetAside } from "../../core/workflows/payments/capture-payment.ts"
import { syncRefunds } from "../../core/workflows/payments/sync-refunds.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
sharedCheckout(givenCheckout, (sale) => {
  given = sale
})

const price = 500

/** What may happen to one order at the same moment. */
const act = fc.constantFrom(
  ...(["capture", "capture", "refund", "refund", "refund-again", "refund-part", "refund-keep"] as const),
  ...(["provider-refund", "provider-part", "provider-fails", "dispute", "webhook", "webhook", "reconcile"] as const),
  ...(["cancel-waiter", "expire", "restock", "cancel-buyer"] as const),
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

/** An order, shoppers who wait for its unit, and everything that may happen to them. */
async function givenOrder() {
  const sku = await given.sku({ total_stock: 1, waitlist_limit: 5, price_minor: price })
  const [hold] = (await given.reserve(sku)) as [Hold]
  const waiting = await given.reserve(sku, 2, { joinWaitlist: true })
  const key = randomUUID()
  const orderId = (await given.pay(hold, { key })).body.order_id as string
  const attemptId = attemptIdOf(hold.id, key)
  const [payment] = await given.provider.payments(attemptId)
  const ref = payment?.id ?? ""
  const sameKey = randomUUID()
  const { provider } = given
  const expire = async () => {
    await given.endHolds(sku.skuNo)
    return given.applyCommand(sku.skuNo, { kind: "expire" })
  }
  const failLastRefund = async () => {
    const [last] = (await provider.client.refundsOf(ref)).filter(({ kind, status }) => kind === "refund" && status !== "failed")
    return last && provider.decide(ref, "fail", { refund: last.ref })
  }
  const carryOut = (name: Act): Promise<unknown> => {
    switch (name) {
      case "capture":
        return captureOrSetAside(given.deps, orderId)
      case "refund":
        return given.refund(orderId, {}, { key: sameKey })
      case "refund-again":
        return given.refund(orderId)
      case "refund-part":
        return given.refund(orderId, { amount_minor: 200 })
      case "refund-keep":
        return given.refund(orderId, { return_unit: false })
      case "provider-refund":
        return provider.decide(ref, "refund", { amount: String(price) })
      case "provider-part":
        return provider.decide(ref, "refund", { amount: "100" })
      case "provider-fails":
        return failLastRefund()
      case "dispute":
        return provider.decide(ref, "dispute").then(() => provider.decide(ref, "lose"))
      case "webhook":
        return syncRefunds(given.deps, ref).catch(() => "the provider calls again")
      case "reconcile":
        return given.refundsAreDue().then(() => given.reconcile())
      case "cancel-waiter":
        return given.cancel(waiting[0] as Hold)
      case "cancel-buyer":
        return given.cancel(hold)
      case "expire":
        return expire()
      case "restock":
        return given.applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
    }
  }
  return { orderId, ref, skuNo: sku.skuNo, carryOut }
}

/** Brings everything to rest: what the provider did arrives, and what is due is done. */
async function settleAll(orderId: string, ref: string): Promise<void> {
  await captureOrSetAside(given.deps, orderId)
  for (let rounds = 0; rounds < 3; rounds += 1) {
    await syncRefunds(given.deps, ref)
    await given.refundsAreDue()
    await given.reconcile()
  }
}

test("an order, its refunds, its unit and the provider's records agree after any acts at the same moments", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), async (moments) => {
      const { orderId, ref, skuNo, carryOut } = await givenOrder()
      for (const acts of moments) {
        await Promise.all(acts.map(carryOut))
        await given.expectInvariants()
      }
      await settleAll(orderId, ref)
      await given.expectInvariants()
      await given.expectMoneyToMatch()
      await expectOrderAsAtProvider(orderId, ref, skuNo)
    }),
    { numRuns: 25, endOnFailure: true },
  )
}, 240_000)

/** The order shows the money that the provider returned, as far as it is not more than the payment. */
async function expectOrderAsAtProvider(orderId: string, ref: string, skuNo: number): Promise<void> {
  const atProvider = (await given.provider.client.refundsOf(ref)).filter(({ status }) => status === "succeeded")
  const returned = atProvider.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const { rows } = await given.superuser.query<{ status: string; refunded_minor: number }>(
    "SELECT status, refunded_minor::int AS refunded_minor FROM orders WHERE order_id = $1",
    [orderId],
  )
  const [order] = rows
  const isDisputed = atProvider.some(({ kind }) => kind === "dispute")
  if (!isDisputed) expect(order?.refunded_minor).toBe(returned)
  if (order?.refunded_minor === price) expect(order.status).toBe("REFUNDED")
  const entries = await given.superuser.query("SELECT FROM ledger WHERE sku_no = $1 AND kind IN ('refunded', 'refunded_kept')", [
    skuNo,
  ])
  expect(entries.rowCount).toBe(order?.status === "REFUNDED" ? 1 : 0)
}
