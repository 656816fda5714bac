import { decodeJwt } from "jose"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, type RunningSale, runningSale, until } from "../sale/running-sale.ts"

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
})
afterAll(() => sale.close())

const place = ({ body }: Answer) => decodeJwt<{ partition: number; offset: number }>(body.receipt ?? "")

describe("many at once, through HTTP, Kafka and the writer", () => {
  test("20 equal requests at once are one reservation and spend one unit", async () => {
    const sku = await sale.sku({ total_stock: 5 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => sale.reserve(sku.skuId, "alice")))
    expect(new Set(answers.map(({ body }) => body.reservation_id)).size).toBe(1)
    for (const { status } of answers) expect([201, 202]).toContain(status)
    expect(await sale.reserve(sku.skuId, "alice")).toMatchObject({ status: 201, body: { status: "RESERVED" } })
    const { rows } = await sale.superuser.query("SELECT reserved_count FROM inventory WHERE sku_no = $1", [sku.skuNo])
    expect(rows).toEqual([{ reserved_count: 1 }])
    await sale.expectInvariants()
  })

  test("the same key for another request is refused and changes nothing", async () => {
    const sku = await sale.sku({ total_stock: 5, per_user_limit: 3 })
    await sale.reserve(sku.skuId, "alice", { key: "reused-key" })
    expect(await sale.reserve(sku.skuId, "alice", { key: "reused-key", quantity: 2 })).toMatchObject({
      status: 422,
      body: { type: "/problems/idempotency-key-reused" },
    })
    const { rows } = await sale.superuser.query("SELECT reserved_count FROM inventory WHERE sku_no = $1", [sku.skuNo])
    expect(rows).toEqual([{ reserved_count: 1 }])
    await sale.expectInvariants()
  })

  test("100 buyers of 10 units: ten win, they are the first in the queue, and each has one decision", async () => {
    const sku = await sale.sku({ total_stock: 10 })
    const answers = await Promise.all(Array.from({ length: 100 }, (_, buyer) => sale.reserve(sku.skuId, `buyer-${buyer}`)))
    const decided = await Promise.all(
      answers.map(async (answer, buyer) => (answer.status === 202 ? settled(answer, `buyer-${buyer}`) : answer)),
    )
    const winners = decided.filter(({ body }) => body.status === "RESERVED")
    expect(winners).toHaveLength(10)
    const queued = decided.filter(({ body }) => body.decided && body.receipt)
    const lastWin = Math.max(...winners.map((winner) => place(winner).offset))
    for (const other of queued.filter((answer) => !winners.includes(answer))) expect(place(other).offset).toBeGreaterThan(lastWin)
    await sale.expectInvariants()
  })

  test("limits hold with quantities, over several requests of one shopper at once", async () => {
    const sku = await sale.sku({ total_stock: 100, per_user_limit: 5 })
    const wanted = [1, 2, 3, 4, 5, 1, 2]
    await Promise.all(wanted.map((quantity, index) => sale.reserve(sku.skuId, "alice", { key: `quantity-${index}`, quantity })))
    const { rows } = await sale.superuser.query(
      "SELECT sum(quantity)::int AS units FROM reservations WHERE sku_no = $1 AND state = 1",
      [sku.skuNo],
    )
    expect(rows[0].units).toBeLessThanOrEqual(5)
    expect(await sale.reserve(sku.skuId, "alice", { key: "one-too-many", quantity: 6 })).toMatchObject({
      status: 422,
      body: { type: "/problems/quantity-limit" },
    })
    await sale.expectInvariants()
  })

  /** Follows a 202 until it is decided. */
  const settled = (answer: Answer, subject: string) =>
    until(async () => {
      const now = await sale.get(`/v1/reservations/${answer.body.reservation_id}?receipt=${answer.body.receipt}`, subject)
      return now.body.decided && { ...now, body: { ...now.body, receipt: answer.body.receipt ?? "" } }
    })
})

describe("time", () => {
  const endHolds = (skuNo: number) =>
    sale.superuser.query(
      "UPDATE reservations SET expires_at = clock_timestamp() - interval '1 second' WHERE sku_no = $1 AND state = 1",
      [skuNo],
    )

  test("the unit of an ended hold goes to the first waitlist entry, and the shopper sees it at the next read", async () => {
    const sku = await sale.sku({ total_stock: 1, waitlist_limit: 2 })
    await sale.reserve(sku.skuId, "alice")
    const bob = await sale.reserve(sku.skuId, "bob", { join_waitlist: true })
    const carol = await sale.reserve(sku.skuId, "carol", { join_waitlist: true })
    expect([bob, carol].map(({ status, body }) => [status, body.status])).toEqual([
      [202, "WAITLISTED"],
      [202, "WAITLISTED"],
    ])
    await endHolds(sku.skuNo)
    const promoted = await until(async () => {
      const now = await sale.get(`/v1/reservations/${bob.body.reservation_id}`, "bob")
      return now.body.status === "RESERVED" && now
    })
    expect(promoted.body.expires_in_seconds).toBeGreaterThan(100)
    expect((await sale.get(`/v1/reservations/${carol.body.reservation_id}`, "carol")).body.status).toBe("WAITLISTED")
    await sale.expectInvariants()
  })

  test("the events of a reservation are published from the ledger in order", async () => {
    const sku = await sale.sku({ total_stock: 1, waitlist_limit: 1 })
    await sale.reserve(sku.skuId, "alice")
    await sale.reserve(sku.skuId, "bob", { join_waitlist: true })
    await endHolds(sku.skuNo)
    await until(async () => {
      const { rows } = await sale.superuser.query<{ published: boolean }>(
        "SELECT i.seq = e.published_seq AND i.seq >= 6 AS published FROM inventory i JOIN event_progress e USING (sku_no) WHERE sku_no = $1",
        [sku.skuNo],
      )
      return rows[0]?.published
    })
    const events = await sale.events(sku.skuId)
    expect(events.map(({ event_type }) => event_type)).toEqual([
      "stock.restocked",
      "sale.opened",
      "reservation.created",
      "reservation.waitlisted",
      "reservation.expired",
      "reservation.promoted",
    ])
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length)
    await sale.expectInvariants()
  })
})
