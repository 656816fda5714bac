import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { newKey, refused } from "./bad-input-api.ts"
import { givenShop } from "./bad-input-shop.ts"

let shop: Awaited<ReturnType<typeof givenShop>>
beforeAll(async () => {
  shop = await givenShop()
})
afterAll(() => shop.close())

describe("paying for and cancelling a reservation that is", () => {
  test("expired is reservation-expired", async () => {
    const sku = await shop.api.sku()
    const [paid, cancelled] = [await shop.hold(sku, "alice"), await shop.hold(sku, "bob")]
    await Promise.all([shop.endHold(paid), shop.endHold(cancelled)])
    expect(await shop.pay(paid, "alice")).toEqual(refused("reservation-expired"))
    expect(await shop.cancel(cancelled, "bob")).toEqual(refused("reservation-expired"))
  })

  test("cancelled is reservation-cancelled; cancelling it again is no error", async () => {
    const id = await shop.hold(await shop.api.sku(), "alice")
    expect(await shop.cancel(id, "alice")).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    expect(await shop.cancel(id, "alice")).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    expect(await shop.pay(id, "alice")).toEqual(refused("reservation-cancelled"))
  })

  test("undecided is not-decided-yet", async () => {
    const sku = await shop.api.sku()
    let id = ""
    shop.writer.signal("SIGSTOP")
    try {
      const { status, body } = await shop.reserve(sku, "alice", { headers: { prefer: "respond-async" } })
      id = String(body.reservation_id)
      expect([status, body.status, body.decided]).toEqual([202, "QUEUED", false])
      expect(await shop.pay(id, "alice")).toEqual(refused("not-decided-yet"))
      expect(await shop.cancel(id, "alice")).toEqual(refused("not-decided-yet"))
    } finally {
      shop.writer.signal("SIGCONT")
    }
    await vi.waitFor(async () => expect((await shop.cancel(id, "alice")).status).toBe(200), { timeout: 20_000 })
  })

  test("confirmed is the same order with 200, and cannot be cancelled", async () => {
    const id = await shop.hold(await shop.api.sku(), "alice")
    const key = newKey()
    const first = await shop.pay(id, "alice", { key })
    expect(first).toMatchObject({ status: 201, body: { reservation_id: id, amount_minor: 1_999 } })
    expect(await shop.pay(id, "alice", { key })).toMatchObject({ status: 200, body: first.body })
    expect(await shop.pay(id, "alice")).toMatchObject({ status: 200, body: first.body })
    expect(await shop.cancel(id, "alice")).toEqual(refused("reservation-confirmed"))
    expect(await shop.api.ask("GET", `/v1/orders/${first.body.order_id}`, { user: "bob" })).toEqual(refused("order-not-found"))
  })

  test("in payment by another attempt is payment-in-progress", async () => {
    const id = await shop.hold(await shop.api.sku(), "alice")
    const slow = shop.pay(id, "alice", { payment_method: "sim_slow" })
    await vi.waitFor(async () => {
      const { rowCount } = await shop.superuser.query("SELECT FROM payment_attempts WHERE reservation_id = $1", [id])
      expect(rowCount).toBe(1)
    })
    expect(await shop.pay(id, "alice")).toEqual(refused("payment-in-progress"))
    expect((await slow).status).toBe(201)
  })

  test("declined is payment-declined; the hold is kept and another method pays", async () => {
    const id = await shop.hold(await shop.api.sku(), "alice")
    const key = newKey()
    const declined = await shop.pay(id, "alice", { key, payment_method: "pm_card_chargeDeclined" })
    expect(declined).toEqual(refused("payment-declined"))
    expect(await shop.pay(id, "alice", { key })).toEqual(refused("idempotency-key-reused"))
    expect((await shop.pay(id, "alice")).status).toBe(201)
  })

  test("refused is refused for the same reason", async () => {
    const sku = await shop.api.sku()
    await shop.hold(sku, "alice")
    const { body } = await shop.reserve(sku, "alice")
    expect(await shop.pay(String(body.reservation_id), "alice")).toEqual(refused("user-limit-reached"))
    expect(await shop.cancel(String(body.reservation_id), "alice")).toEqual(refused("user-limit-reached"))
  })
})

describe("a command for a sale", () => {
  test("that its state does not allow is refused with the reason", async () => {
    const sku = await shop.api.sku({ total_stock: 1 })
    const act = (name: string, body?: object) => shop.api.admin("POST", `/v1/admin/skus/${sku}/${name}`, body)
    await shop.hold(sku, "alice")
    expect(await act("restock", { quantity: -1 })).toEqual(refused("below-committed"))
    expect(await act("restock", { quantity: 0 })).toEqual(refused("validation-failed"))
    expect(await act("mode", { mode: "fast" })).toEqual(refused("validation-failed"))
    const another = { sku_id: sku, name: "Another thing", price_minor: 100, currency: "EUR", total_stock: 1 }
    expect(await shop.api.admin("POST", "/v1/admin/skus", another)).toEqual(refused("sku-exists"))
    await act("close")
    expect(await act("open")).toEqual(refused("sale-closed"))
  })
})

test("afterwards every invariant holds", () => shop.expectInvariants())
