import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { confirmAuthorised } from "../../core/adapters/postgres/checkouts.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { captureGraceSeconds, visibleAfterSeconds } from "../../core/workflows/payments/reconcile-payments.ts"
import { givenCheckout, type Hold, statementOf } from "../sale/given-checkout.ts"
import { plantedPool } from "../sale/planted-pool.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
sharedCheckout(givenCheckout, (sale) => {
  given = sale
})

/** A hold of a SKU of its own, and a key to pay it with. */
async function held(): Promise<{ hold: Hold; key: string; skuNo: number }> {
  const { skuNo, ...sku } = await given.sku({ total_stock: 1 })
  const [hold] = await given.reserve({ skuNo, ...sku })
  if (hold === undefined) throw new Error("Nothing was reserved")
  return { hold, key: randomUUID(), skuNo }
}

const inventoryOf = async (skuNo: number) => {
  const { reserved_count, sold_count } = await given.inventory(skuNo)
  return { reserved: reserved_count, sold: sold_count }
}

describe("an attempt that no call finished", () => {
  test("is not touched while its hold lasts", async () => {
    const { hold, key } = await held()
    await given.pay(hold, { key, method: "sim_lost_reply" })
    expect(await given.reconcile()).toEqual({ completed: 0, abandoned: 0, settled: 0, captured: 0, refunded: 0 })
    expect((await given.pay(hold, { key, method: "sim_lost_reply" })).status).toBe(201)
  })

  test("with a lost answer is voided once after its hold has ended, by any number of sweepers", async () => {
    const { hold, key, skuNo } = await held()
    expect((await given.pay(hold, { key, method: "sim_lost_reply" })).status).toBe(503)
    await given.endHolds(skuNo)
    await Promise.all(Array.from({ length: 5 }, () => given.reconcile()))
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "voided"]])
    expect(await given.attempts(hold)).toEqual([{ status: "ABANDONED", settled: true }])
    await given.applyCommand(skuNo, { kind: "expire" })
    expect(await given.pay(hold, { key, method: "sim_lost_reply" })).toMatchObject({ status: 409 })
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "voided"]])
  })

  test("that the provider never received is searched for until its payment must have become visible, then settled", async () => {
    const { hold, key, skuNo } = await held()
    await expect(given.payThrough({}, hold, key, "sim_timeout")).rejects.toMatchObject({ slug: "outcome-unknown" })
    expect(await given.attempts(hold)).toEqual([{ status: "OPEN", settled: false }])
    await given.endHolds(skuNo)
    await given.reconcile()
    expect(await given.attempts(hold)).toEqual([{ status: "ABANDONED", settled: false }])
    await given.age(visibleAfterSeconds)
    await given.reconcile()
    expect(await given.attempts(hold)).toEqual([{ status: "ABANDONED", settled: true }])
    await given.applyCommand(skuNo, { kind: "expire" })
  })

  test("with an authorisation that arrives after the attempt was abandoned is voided, too", async () => {
    const { hold, key, skuNo } = await held()
    await expect(given.payThrough({}, hold, key, "sim_timeout")).rejects.toMatchObject({ slug: "outcome-unknown" })
    await given.endHolds(skuNo)
    await given.reconcile()
    await given.age(visibleAfterSeconds)
    await given.reconcile()
    const attemptId = attemptIdOf(hold.id, key)
    const late = await given.provider.client.authorise({
      attemptId,
      reservationId: hold.id,
      amountMinor: 500,
      currency: "EUR",
      paymentMethod: "pm_card_visa",
    })
    if (late.kind === "made")
      await confirmAuthorised(given.pool, { reservationId: hold.id, userId: hold.userId, attemptId }, late.payment.ref)
    expect(await given.attempts(hold)).toEqual([{ status: "ABANDONED", settled: false }])
    await given.reconcile()
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "voided"]])
    await given.applyCommand(skuNo, { kind: "expire" })
  })

  test("but whose payment is authorised is confirmed by the same key, if its hold lasts", async () => {
    const { hold, key } = await held()
    let recorded: Promise<unknown> = Promise.resolve()
    const dies = plantedPool(given.pool, async (query, send) => {
      if (!statementOf(query).includes("confirm_checkout")) {
        const answer = send()
        recorded = answer
        return answer
      }
      // The call ends after its record was committed. Before the answer, the closed connection may still lose the record.
      await recorded
      throw new Error("killed")
    })
    await expect(given.payThrough({ pool: dies }, hold, key)).rejects.toThrow("killed")
    expect(await given.attempts(hold)).toEqual([{ status: "AUTHORISED", settled: false }])
    await given.reconcile()
    expect((await given.pay(hold, { key })).status).toBe(201)
    expect(await given.paymentOf(hold, key)).toEqual([["authorised"]])
  })

  test("is kept for later during an outage of the provider, and does not delay other work", async () => {
    const { hold, key, skuNo } = await held()
    await given.pay(hold, { key, method: "sim_lost_reply" })
    await given.endHolds(skuNo)
    expect(await given.reconcile({ provider: given.provider.unreachable })).toMatchObject({ abandoned: 1, settled: 0 })
    expect(await given.reconcile()).toMatchObject({ abandoned: 0, settled: 1 })
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "voided"]])
    await given.applyCommand(skuNo, { kind: "expire" })
  })

  test("is never abandoned once it is confirmed, even after the end of its hold", async () => {
    const { hold, key } = await held()
    await given.pay(hold, { key })
    await given.superuser.query("UPDATE reservations SET expires_at = clock_timestamp() - interval '1 hour' WHERE id = $1", [
      hold.id,
    ])
    await given.reconcile()
    expect(await given.attempts(hold)).toEqual([{ status: "CONFIRMED", settled: true }])
    expect(await given.paymentOf(hold, key)).toEqual([["authorised"]])
  })
})

describe("an order that was not captured", () => {
  test("is left to the event-reactor for a time, then captured once, by any number of sweepers", async () => {
    const { hold, key, skuNo } = await held()
    const { body: order } = await given.pay(hold, { key })
    await given.reconcile()
    expect((await given.order(hold.userId, order.order_id)).body.status).toBe("PENDING_CAPTURE")
    await given.age(captureGraceSeconds)
    await Promise.all(Array.from({ length: 5 }, () => given.reconcile()))
    await given.reconcile()
    expect((await given.order(hold.userId, order.order_id)).body.status).toBe("PAID")
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "captured"]])
    expect(await inventoryOf(skuNo)).toEqual({ reserved: 0, sold: 1 })
  })

  test("and cannot be captured is FAILED: its unit goes back to stock once, and no money stays authorised", async () => {
    const { hold, key, skuNo } = await held()
    const { body: order } = await given.pay(hold, { key, method: "sim_capture_fails" })
    await given.age(captureGraceSeconds)
    await Promise.all(Array.from({ length: 5 }, () => given.reconcile()))
    await given.reconcile()
    expect((await given.order(hold.userId, order.order_id)).body.status).toBe("FAILED")
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "capture-failed", "voided"]])
    expect(await inventoryOf(skuNo)).toEqual({ reserved: 0, sold: 0 })
  })

  test("waits during an outage of the provider", async () => {
    const { hold } = await held()
    const { body: order } = await given.pay(hold)
    await given.age(captureGraceSeconds)
    expect(await given.reconcile({ provider: given.provider.unreachable })).toMatchObject({ captured: 0 })
    expect((await given.order(hold.userId, order.order_id)).body.status).toBe("PENDING_CAPTURE")
    await given.reconcile()
    expect((await given.order(hold.userId, order.order_id)).body.status).toBe("PAID")
  })
})

const act = fc.constantFrom("pay", "pay-again", "other-key", "lose", "cancel", "end", "expire", "reconcile", "age")

test("after any concurrent events, every payment has its order and every order its payment", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
      const { hold, key, skuNo } = await held()
      const acts: Record<string, () => Promise<unknown>> = {
        pay: () => given.pay(hold, { key }),
        "pay-again": () => given.pay(hold, { key }),
        "other-key": () => given.pay(hold),
        lose: () => given.pay(hold, { method: "sim_lost_reply" }),
        cancel: () => given.cancel(hold),
        end: () => given.endHolds(skuNo),
        expire: () => given.applyCommand(skuNo, { kind: "expire" }),
        reconcile: () => given.reconcile(),
        age: () => given.age(visibleAfterSeconds),
      }
      for (const round of rounds) await Promise.all(round.map((name) => acts[name]?.()))
      await given.endHolds(skuNo)
      await given.applyCommand(skuNo, { kind: "expire" })
      await given.reconcile()
      await given.age(visibleAfterSeconds)
      await given.reconcile()
      expect((await given.attempts(hold)).filter(({ settled }) => !settled)).toEqual([])
      expect((await given.provider.payments()).filter(({ status }) => status === "requires_capture")).toEqual([])
      await given.expectMoneyToMatch()
    }),
    { numRuns: 25 },
  )
})
