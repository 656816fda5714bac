import { afterAll, beforeAll, expect, test } from "vitest"
import { waitlistRetrySeconds } from "../../core/domain/queue-estimate.ts"
import { type Answer, type RunningSale, runningSale } from "../sale/running-sale.ts"

/** The time within which a shopper sees a change that they did not make. */
const visibleWithinMs = 300

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await Promise.all([sale.api(), sale.writer()])
})
afterAll(() => sale.close())

const idOf = ({ body }: Answer) => body.reservation_id
const wait = async (skuId: string, subject: string, quantity = 1) => {
  const answer = await sale.reserve(skuId, subject, { quantity, join_waitlist: true })
  return { subject, id: idOf(answer), answer }
}
type Waiter = Awaited<ReturnType<typeof wait>>
const look = ({ id, subject }: Waiter) => sale.get(`/v1/reservations/${id}`, subject)
const seen = async (...waiters: Waiter[]) =>
  (await Promise.all(waiters.map(look))).map(({ body: { status, position } }) =>
    position === undefined ? status : `${status} ${position}`,
  )
const cancel = (id: string, subject: string) => sale.call("DELETE", `/v1/reservations/${id}`, { sub: subject })

test("the first answer and each read of a waitlist entry have the number of entries before it, and the time of the next read", async () => {
  const { skuId } = await sale.sku({ total_stock: 0, waitlist_limit: 3 })
  const waiters = [await wait(skuId, "alice"), await wait(skuId, "bob"), await wait(skuId, "carol")] as const
  expect(waiters.map(({ answer }) => [answer.status, answer.body.status, answer.body.position])).toEqual([
    [202, "WAITLISTED", 0],
    [202, "WAITLISTED", 1],
    [202, "WAITLISTED", 2],
  ])
  expect(await sale.retryAfter(`/v1/reservations/${waiters[2].id}`, "carol")).toBe(String(waitlistRetrySeconds))
  expect(await sale.reserve(skuId, "dave", { join_waitlist: true })).toMatchObject({ status: 409, body: { reason: "sold-out" } })

  expect((await cancel(waiters[0].id, "alice")).body).toMatchObject({ status: "CANCELLED" })
  expect(await seen(...waiters)).toEqual(["CANCELLED", "WAITLISTED 0", "WAITLISTED 1"])
  expect(await wait(skuId, "erin")).toMatchObject({ answer: { status: 202, body: { position: 2 } } })
  await sale.expectInvariants()
})

test("units go to the earliest entry that fits; a passed entry keeps its position and gets the next units; the rest lapse", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 3, per_user_limit: 3, waitlist_limit: 5 })
  const one = await sale.reserve(skuId, "holder-of-one")
  const two = await sale.reserve(skuId, "holder-of-two", { quantity: 2 })
  const forTwo = await wait(skuId, "for-two", 2)
  const forThree = await wait(skuId, "for-three", 3)
  const first = await wait(skuId, "first-for-one")
  const second = await wait(skuId, "second-for-one")
  const all = [forTwo, forThree, first, second] as const

  await cancel(idOf(one), "holder-of-one")
  expect(await seen(...all)).toEqual(["WAITLISTED 0", "WAITLISTED 1", "RESERVED", "WAITLISTED 2"])
  await cancel(idOf(two), "holder-of-two")
  expect(await seen(...all)).toEqual(["RESERVED", "WAITLISTED 0", "RESERVED", "WAITLISTED 1"])

  await sale.steer("POST", `skus/${skuId}/close`)
  expect(await seen(...all)).toEqual(["RESERVED", "LAPSED", "RESERVED", "LAPSED"])
  const { rows } = await sale.superuser.query("SELECT reserved_count, waitlisted FROM inventory WHERE sku_no = $1", [skuNo])
  expect(rows).toEqual([{ reserved_count: 3, waitlisted: 0 }])
  await sale.expectInvariants()
})

test("an entry cancelled after the closing time and before the sweep stays cancelled; the others lapse", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 0, waitlist_limit: 5 })
  const waiters = [await wait(skuId, "stays"), await wait(skuId, "leaves"), await wait(skuId, "stays-too")] as const
  await sale.superuser.query("UPDATE inventory SET closes_at = clock_timestamp() WHERE sku_no = $1", [skuNo])

  expect(await cancel(waiters[1].id, "leaves")).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
  expect(await seen(...waiters)).toEqual(["LAPSED", "CANCELLED", "LAPSED"])
  expect(await cancel(waiters[1].id, "leaves")).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
  expect(await cancel(waiters[0].id, "stays")).toMatchObject({
    status: 409,
    body: { type: expect.stringMatching(/sale-closed$/) },
  })
  await sale.expectInvariants()
})

test("a promotion is visible within 300 ms of the release, and the hold runs from it", async () => {
  const { skuId } = await sale.sku({ total_stock: 1, waitlist_limit: 20 })
  let holder = { subject: "holder", id: idOf(await sale.reserve(skuId, "holder")) }
  const waiters: Waiter[] = []
  for (let waiter = 0; waiter < 20; waiter += 1) waiters.push(await wait(skuId, `waiter-${waiter}`))

  const visibleAfterMs: number[] = []
  for (const next of waiters) {
    await cancel(holder.id, holder.subject)
    const releasedAtMs = performance.now()
    let now = await look(next)
    while (now.body.status !== "RESERVED") now = await look(next)
    visibleAfterMs.push(performance.now() - releasedAtMs)
    expect(now.body.expires_in_seconds).toBeGreaterThan(110)
    holder = next
  }
  const slowest = Math.max(...visibleAfterMs)
  console.log(`20 promotions were visible after ${Math.round(slowest)} ms at most`)
  expect(slowest).toBeLessThan(visibleWithinMs)
  await sale.expectInvariants()
})
