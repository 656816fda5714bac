import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { Question } from "../../core/workflows/reservations/find-reservation.ts"
import { cancelResponse } from "../../lambdas/reservation/answer.ts"
import { cancel } from "../../lambdas/reservation/cancel.ts"
import { givenReader, question, slug, stranger, withReceipt } from "../sale/given-reader.ts"
import { requestRecord } from "../sale/records.ts"

let given: Awaited<ReturnType<typeof givenReader>>
beforeAll(async () => {
  given = await givenReader()
})
beforeEach(() => given.redis.flushdb())
afterAll(() => given.close())

describe("cancelling", () => {
  const cancelling = () => {
    const reader = given.reader()
    const { applyCommand } = given.parts()
    return async (of: Question) =>
      cancelResponse(await cancel({ ...reader, commandRunner: async () => applyCommand }, of), reader)
  }

  test("gives back a hold or a waitlist entry once, and a repeated cancel gets the same answer", async () => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const [winner, waiter] = [await given.decided(sku), await given.decided(sku, { joinWaitlist: true })]
    const cancelOf = cancelling()
    for (const shopper of [waiter, winner, winner, waiter]) {
      expect(await cancelOf(shopper)).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    }
    await given.redis.flushdb()
    expect(await cancelOf(winner)).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    expect(await given.inventory(sku.skuNo)).toMatchObject({ reserved_count: 0, waitlisted: 0 })
    await given.expectInvariants()
  })

  test("is refused for a reservation that is over, undecided or of another shopper", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const [winner, loser] = [await given.decided(sku), await given.decided(sku)]
    const queued = withReceipt(question(requestRecord(sku)), sku, (await given.watermarkOf(sku)) + 1)
    const cancelOf = cancelling()
    expect(await slug(cancelOf(loser))).toBe("sold-out")
    expect(await slug(cancelOf(queued))).toBe("not-decided-yet")
    await given.markQueueComplete()
    expect(await slug(cancelOf(stranger(winner)))).toBe("reservation-not-found")
    await given.endHolds(sku.skuNo)
    expect(await slug(cancelOf(winner))).toBe("reservation-expired")
    await given.redis.flushdb()
    expect(await slug(cancelOf(winner))).toBe("reservation-expired")
    await given.expectInvariants()
  })

  test("of a waitlist entry that lapsed with the sale says that it lapsed", async () => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    await given.decided(sku)
    const waiter = await given.decided(sku, { joinWaitlist: true })
    await given.parts().applyCommand(sku.skuNo, { kind: "close", skuNo: sku.skuNo })
    expect(await slug(cancelling()(waiter))).toBe("sale-closed")
  })
})
