import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { readCapture } from "../../core/adapters/postgres/payments.ts"
import { ownerOf } from "../../core/domain/ids.ts"
import { receipts } from "../../core/runtime/receipts.ts"
import { givenCheckout, type Hold, statementOf } from "../sale/given-checkout.ts"
import { plantedPool } from "../sale/planted-pool.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
sharedCheckout(givenCheckout, (sale) => {
  given = sale
})

const key = () => randomUUID() as string
const sku = (stock = 1) => given.sku({ total_stock: stock, price_minor: 4_200, per_user_limit: 5 })
const held = async (more: Parameters<typeof given.reserve>[2] = {}): Promise<Hold> => {
  const [hold] = await given.reserve(await sku(5), 1, more)
  if (hold === undefined) throw new Error("Nothing was reserved")
  return hold
}
const problemOf = ({ status, body }: Awaited<ReturnType<typeof given.pay>>) => [status, body.type]
const orderOf = ({ body }: { body: { order_id: string } }) => body.order_id

describe("a hold is paid", () => {
  test("for the amount that the server computes, and the shopper's next reads show it", async () => {
    const hold = await held({ quantity: 3 })
    const paid = await given.pay(hold)
    expect(paid.status).toBe(201)
    expect(paid.body).toMatchObject({
      reservation_id: hold.id,
      quantity: 3,
      amount_minor: 12_600,
      currency: "EUR",
      status: "PENDING_CAPTURE",
    })
    expect((await given.provider.payments()).at(0)).toMatchObject({ amount: 12_600, currency: "eur", status: "requires_capture" })
    expect((await given.status(hold)).body).toMatchObject({ status: "CONFIRMED", order_id: orderOf(paid) })
    expect((await given.order(hold.userId, orderOf(paid))).body).toEqual(paid.body)
    expect((await given.orders(hold.userId)).body).toEqual({ items: [paid.body], next: null })
  })

  test("in a currency without decimals as it is", async () => {
    const yen = await given.sku({ total_stock: 1, price_minor: 980, currency: "JPY" })
    const [hold] = await given.reserve(yen)
    expect(hold && (await given.pay(hold)).body).toMatchObject({ amount_minor: 980, currency: "JPY" })
  })

  test("once: every further call, under any key, gets the same order", async () => {
    const [hold, first] = [await held(), key()]
    const paid = await given.pay(hold, { key: first })
    for (const again of [first, key()]) {
      const answer = await given.pay(hold, { key: again })
      expect([answer.status, answer.body]).toEqual([200, paid.body])
    }
    expect(await given.paymentOf(hold, first)).toEqual([["authorised"]])
    expect(await given.attempts(hold)).toHaveLength(1)
  })

  test("once by twenty equal calls at the same time, and every one of them gets the order", async () => {
    const [hold, same] = [await held(), key()]
    const answers = await Promise.all(Array.from({ length: 20 }, () => given.pay(hold, { key: same })))
    expect(new Set(answers.map(orderOf)).size).toBe(1)
    expect(answers.every(({ status }) => status === 201 || status === 200)).toBe(true)
    expect(await given.paymentOf(hold, same)).toEqual([["authorised"]])
  })

  test("once by calls under different keys at the same time: the others get payment-in-progress, or the order", async () => {
    const hold = await held()
    const answers = await Promise.all(Array.from({ length: 10 }, () => given.pay(hold)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expect(problemOf(answer)).toEqual([409, "/problems/payment-in-progress"])
    }
    await given.reconcile()
  })
})

describe("a payment that is refused keeps the hold", () => {
  test.each([
    ["a declined card", "pm_card_chargeDeclined", [["declined"]]],
    ["an unknown payment method", "pm_card_of_nobody", []],
  ])("%s: 402, again for the same key, and another key may pay", async (_, method, history) => {
    const [hold, first] = [await held(), key()]
    for (let times = 0; times < 2; times += 1) {
      expect(problemOf(await given.pay(hold, { key: first, method }))).toEqual([402, "/problems/payment-declined"])
    }
    expect(await given.paymentOf(hold, first)).toEqual(history)
    expect((await given.status(hold)).body).toMatchObject({ status: "RESERVED" })
    expect((await given.pay(hold)).status).toBe(201)
  })

  test("the same key with another payment method is refused and pays nothing", async () => {
    const [hold, first] = [await held(), key()]
    await given.pay(hold, { key: first, method: "pm_card_chargeDeclined" })
    expect(problemOf(await given.pay(hold, { key: first }))).toEqual([422, "/problems/idempotency-key-reused"])
    expect(await given.paymentOf(hold, first)).toEqual([["declined"]])
  })
})

describe("a lost answer", () => {
  test("between provider and checkout: 503, and the same key gets the order with one authorisation", async () => {
    const [hold, first] = [await held(), key()]
    expect(problemOf(await given.pay(hold, { key: first, method: "sim_lost_reply" }))).toEqual([503, "/problems/outcome-unknown"])
    expect(problemOf(await given.pay(hold))).toEqual([409, "/problems/payment-in-progress"])
    expect((await given.pay(hold, { key: first, method: "sim_lost_reply" })).status).toBe(201)
    expect(await given.paymentOf(hold, first)).toEqual([["authorised"]])
  })

  test("between PostgreSQL and checkout: the checkout reads again and finds that it made the sale", async () => {
    const [hold, first] = [await held(), key()]
    const paid = await given.payThrough({ pool: losingTheAnswerTo("confirm_checkout", 1) }, hold, first)
    expect(paid).toMatchObject({ status: 201, body: { reservation_id: hold.id } })
  })

  test("between PostgreSQL and checkout in every try: the same key gets the order that was made", async () => {
    const [hold, first] = [await held(), key()]
    await expect(given.payThrough({ pool: losingTheAnswerTo("confirm_checkout", 9) }, hold, first)).rejects.toThrow("ECONNRESET")
    expect((await given.pay(hold, { key: first })).status).toBe(200)
    expect(await given.paymentOf(hold, first)).toEqual([["authorised"]])
  })

  /** The pool, but the connection breaks after the server executed the statement. */
  function losingTheAnswerTo(statement: string, times: number) {
    let left = times
    return plantedPool(given.pool, async (query, send) => {
      const result = await send()
      if (!statementOf(query).includes(statement) || left === 0) return result
      left -= 1
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })
    })
  }
})

describe("the work of a checkout", () => {
  /** The pool, and the names of the statements that pass it. */
  function counted() {
    const sent: string[] = []
    const pool = plantedPool(given.pool, (query, send) => {
      sent.push(/^-- ([a-z-]+):/.exec(statementOf(query))?.[1] ?? statementOf(query))
      return send()
    })
    return { pool, sent }
  }

  test("is three statements: the attempt, and together the authorisation and the confirmation", async () => {
    const { pool, sent } = counted()
    const paid = await given.payThrough({ pool }, await held(), key())
    expect(paid.status).toBe(201)
    expect(sent).toEqual(["pay-open-checkout", "pay-authorise", "pay-confirm"])
  })

  test("and one statement that reads all orders whose captures begin together", async () => {
    const holds = [await held(), await held()]
    const orderIds = (await Promise.all(holds.map((hold) => given.pay(hold)))).map(orderOf)
    const { pool, sent } = counted()
    const [first, unknown, second] = await Promise.all(
      [orderIds[0] ?? "", randomUUID(), orderIds[1] ?? ""].map((orderId) => readCapture(pool, orderId)),
    )
    expect(sent).toEqual(["pay-read-capture"])
    expect([first?.reservationId, unknown, second?.reservationId]).toEqual([holds[0]?.id, undefined, holds[1]?.id])
  })
})

describe("a hold that ends while it is being paid", () => {
  test.each([
    ["expiry", "reservation-expired", "EXPIRED", (skuNo: number) => given.endHolds(skuNo)],
    [
      "a cancel",
      "reservation-cancelled",
      "CANCELLED",
      (skuNo: number, hold: Hold) => given.applyCommand(skuNo, { kind: "cancel", reservationId: hold.id, userId: hold.userId }),
    ],
  ])("by %s wins, and the payment is voided once", async (_, problem, state, end) => {
    const stock = await sku()
    const [[hold], first] = [await given.reserve(stock), key()]
    if (hold === undefined) return
    const { client } = given.provider
    const provider = {
      ...client,
      authorise: async (authorisation: Parameters<typeof client.authorise>[0]) => {
        const result = await client.authorise(authorisation)
        await end(stock.skuNo, hold)
        return result
      },
    }
    await expect(given.payThrough({ provider }, hold, first)).rejects.toMatchObject({ slug: problem })
    expect(await given.paymentOf(hold, first)).toEqual([["authorised", "voided"]])
    expect(await given.attempts(hold)).toEqual([{ status: "ABANDONED", settled: true }])
    expect((await given.status(hold)).body).toMatchObject({ status: state })
    expect(await given.inventory(stock.skuNo)).toMatchObject({ reserved_count: 0, sold_count: 0 })
    await given.reconcile()
    expect(await given.paymentOf(hold, first)).toEqual([["authorised", "voided"]])
  })

  test("is expired by the checkout alone, and its unit goes to the next waitlist entry", async () => {
    const stock = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const [hold] = await given.reserve(stock)
    const [waiter] = await given.reserve(stock, 1, { joinWaitlist: true })
    if (hold === undefined || waiter === undefined) return
    expect(problemOf(await given.pay(waiter))).toEqual([409, "/problems/not-decided-yet"])
    await given.endHolds(stock.skuNo)
    expect(problemOf(await given.pay(hold))).toEqual([409, "/problems/reservation-expired"])
    expect((await given.status(hold)).body).toMatchObject({ status: "EXPIRED" })
    expect((await given.pay(waiter)).status).toBe(201)
  })

  test("races with expiry and cancel: each race has one winner, and the provider keeps no money for a loser", async () => {
    const stock = await given.sku({ total_stock: 12 })
    const holds = await given.reserve(stock, 12)
    await Promise.all(
      holds.map(async (hold, index) => {
        const rivals = [
          given.pay(hold),
          index % 2 === 0 ? given.cancel(hold) : given.applyCommand(stock.skuNo, { kind: "expire" }),
        ]
        if (index % 3 === 0) rivals.push(given.pay(hold))
        await Promise.all(rivals)
      }),
    )
    await given.endHolds(stock.skuNo)
    await given.applyCommand(stock.skuNo, { kind: "expire" })
    await given.reconcile()
    const { sold_count, reserved_count } = await given.inventory(stock.skuNo)
    const paid = await Promise.all(holds.map(async (hold) => (await given.orders(hold.userId)).body.items.length))
    expect([sold_count, reserved_count]).toEqual([paid.reduce((sum, orders) => sum + orders, 0), 0])
  })
})

describe("a reservation that cannot be paid is refused with the reason", () => {
  test("a reservation that does not exist, of another shopper, or with a forged receipt: 404", async () => {
    const hold = await held()
    const stranger = { ...hold, userId: randomUUID() }
    const unknown = { id: randomUUID(), userId: hold.userId }
    expect(problemOf(await given.pay(stranger))).toEqual([404, "/problems/reservation-not-found"])
    expect(problemOf(await given.pay(hold, { query: "receipt=a.b.c" }))).toEqual([404, "/problems/reservation-not-found"])
    // Redis is not complete here, so it cannot prove that the reservation does not exist.
    expect((await given.pay(unknown)).status).toBe(503)
    expect(problemOf(await given.pay({ ...hold, id: "not-a-uuid" }))).toEqual([404, "/problems/not-found"])
  })

  test("a request that is not decided, by its receipt: 409 not-decided-yet", async () => {
    const stock = await sku()
    const queued = { id: randomUUID(), userId: randomUUID() }
    const receipt = await receipts.sign({
      reservationId: queued.id,
      partition: stock.partition,
      offset: 1_000_000,
      owner: ownerOf(queued.userId),
      skuId: stock.skuId,
      quantity: 1,
    })
    const answer = await given.pay(queued, { query: `receipt=${receipt}` })
    expect(problemOf(answer)).toEqual([409, "/problems/not-decided-yet"])
    expect(answer.body.decided).toBe(false)
  })

  test("a refused, cancelled or lapsed reservation: its own reason", async () => {
    const stock = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const [hold, late] = await given.reserve(stock, 2)
    const [waiter] = await given.reserve(stock, 1, { joinWaitlist: true })
    if (hold === undefined || late === undefined || waiter === undefined) return
    expect(problemOf(await given.pay(late))).toEqual([409, "/problems/sold-out"])
    await given.applyCommand(stock.skuNo, { kind: "close", skuNo: stock.skuNo })
    expect(problemOf(await given.pay(waiter))).toEqual([409, "/problems/sale-closed"])
    expect((await given.cancel(hold)).status).toBe(200)
    expect(problemOf(await given.pay(hold))).toEqual([409, "/problems/reservation-cancelled"])
  })
})
