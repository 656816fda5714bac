import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { givenApi } from "../sale/given-api.ts"
import type { StartedPart } from "../services/parts.ts"

let api: Awaited<ReturnType<typeof givenApi>>
let writer: StartedPart
beforeAll(async () => {
  api = await givenApi()
  writer = await api.startWriter()
})
afterAll(async () => {
  await writer.stop()
  await api.close()
})

interface Asked {
  readonly user_id: string
  readonly sku_id: string
  readonly quantity: number
}

const idsOf = ({ body }: { body: { items: { reservation_id: string }[] } }) =>
  body.items.map(({ reservation_id }) => reservation_id)

/** Asks again until everything is decided. */
const decided = (items: readonly Asked[], key: string) =>
  vi.waitFor(
    async () => {
      const answer = await api.batch([...items], key)
      expect(answer.body.items.map(({ status }: { status: string }) => status)).not.toContain("QUEUED")
      return answer
    },
    { timeout: 20_000, interval: 50 },
  )

const rotated = <T>(items: readonly T[], by: number): T[] => [...items.slice(by), ...items.slice(0, by)]

describe("a batch repeated with its key", () => {
  test("in another order makes the same reservations, answered in the order of each call", async () => {
    const sku_id = await api.sku({ total_stock: 20, per_user_limit: 5 })
    const items: Asked[] = ["ann", "ben", "cem"].map((user_id, index) => ({ user_id, sku_id, quantity: index + 1 }))
    const first = idsOf(await decided(items, "key-of-the-order"))
    for (const by of [1, 2]) expect(idsOf(await api.batch(rotated(items, by), "key-of-the-order"))).toEqual(rotated(first, by))
    expect(await api.unitsOf(sku_id)).toBe(6)
    await api.expectInvariants()
  })

  test("makes two reservations of two equal items of one user, in any order", async () => {
    const sku_id = await api.sku({ total_stock: 20, per_user_limit: 5 })
    const twice: Asked = { user_id: "ann", sku_id, quantity: 1 }
    const items = [twice, { ...twice, user_id: "ben" }, twice]
    const first = idsOf(await decided(items, "key-of-the-equals"))
    expect(new Set(first).size).toBe(3)
    const again = idsOf(await api.batch(rotated(items, 1), "key-of-the-equals"))
    expect([...again].sort()).toEqual([...first].sort())
    expect(again[0]).toBe(first[1])
    expect(await api.unitsOf(sku_id)).toBe(3)
    await api.expectInvariants()
  })

  test("makes one set of reservations when copies arrive at the same moment", async () => {
    const sku_id = await api.sku({ total_stock: 100, per_user_limit: 5 })
    const items: Asked[] = Array.from({ length: 20 }, (_, user) => ({ user_id: `copied-${user % 10}`, sku_id, quantity: 1 }))
    const copies = await Promise.all(Array.from({ length: 8 }, (_, by) => api.batch(rotated(items, by), "key-of-the-copies")))
    expect(copies.map(({ status }) => status)).toEqual(Array(8).fill(202))
    const answers = copies.flatMap(({ body }) => body.items as { reservation_id?: string; type?: string }[])
    // A copy of a request that is being sent may get a 503 to retry after; every other answer names the one reservation.
    const [made, toRetry] = [answers.filter(({ reservation_id: id }) => id), answers.filter(({ reservation_id: id }) => !id)]
    expect(new Set(made.map(({ reservation_id: id }) => id)).size).toBe(20)
    expect(toRetry.filter(({ type }) => type !== "/problems/temporarily-unavailable")).toEqual([])
    await decided(items, "key-of-the-copies")
    expect(await api.unitsOf(sku_id)).toBe(20)
    await api.expectInvariants()
  })
})

describe("a key of a batch is valid for its items only", () => {
  test("any other body is 422, and nothing is put into the queue", async () => {
    const [sku_id, other] = [await api.sku({ total_stock: 20, per_user_limit: 5 }), await api.sku({ total_stock: 20 })]
    const items: Asked[] = ["ann", "ben"].map((user_id) => ({ user_id, sku_id, quantity: 1 }))
    const [ann, ben] = items as [Asked, Asked]
    const first = idsOf(await decided(items, "key-of-the-body"))
    const records = await api.recordsQueued()
    const bodies: Record<string, Asked[]> = {
      "another user": [ann, { ...ben, user_id: "cem" }],
      "another SKU": [ann, { ...ben, sku_id: other }],
      "another quantity": [ann, { ...ben, quantity: 2 }],
      "an item less": [ann],
      "an item more": [ann, ben, { ...ben, user_id: "cem" }],
      "an item twice": [ann, ben, ben],
      "other items altogether": [{ user_id: "dan", sku_id: other, quantity: 1 }],
    }
    for (const [name, body] of Object.entries(bodies)) {
      expect(await api.batch(body, "key-of-the-body"), name).toMatchObject({
        status: 422,
        body: { type: "/problems/idempotency-key-reused" },
      })
    }
    expect(await api.recordsQueued()).toBe(records)
    expect([await api.unitsOf(sku_id), await api.unitsOf(other)]).toEqual([2, 0])
    expect(idsOf(await api.batch(items, "key-of-the-body"))).toEqual(first)
    await api.expectInvariants()
  })

  test("of two different bodies at the same moment one is accepted", async () => {
    const sku_id = await api.sku({ total_stock: 20 })
    const bodies = ["ann", "ben", "cem", "dan"].map((user_id) => [{ user_id, sku_id, quantity: 1 }])
    const answers = await Promise.all(bodies.map((items) => api.batch(items, "key-of-the-race")))
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422, 422, 422])
    await vi.waitFor(async () => expect(await api.unitsOf(sku_id)).toBe(1), { timeout: 20_000, interval: 50 })
    await api.expectInvariants()
  })

  test("each client has keys of its own", async () => {
    const sku_id = await api.sku({ total_stock: 20, per_user_limit: 5 })
    const items: Asked[] = [{ user_id: "ann", sku_id, quantity: 1 }]
    const ofOne = idsOf(await api.batch(items, "key-of-the-client"))
    const ofAnother = await api.batch([{ ...items[0], quantity: 2 }], "key-of-the-client", "another-partner")
    expect(ofAnother.status).toBe(202)
    expect(await api.batch(items, "key-of-the-client", "another-partner")).toMatchObject({ status: 422 })
    expect(idsOf(ofAnother)).not.toEqual(ofOne)
    await vi.waitFor(async () => expect(await api.unitsOf(sku_id)).toBe(3), { timeout: 20_000, interval: 50 })
    await api.expectInvariants()
  })
})
