import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { maxBacklog } from "../../core/adapters/redis/admission-codec.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { newKey, refused } from "./bad-input-api.ts"
import { givenShop } from "./bad-input-shop.ts"

let shop: Awaited<ReturnType<typeof givenShop>>
beforeAll(async () => {
  shop = await givenShop()
})
afterAll(() => shop.close())

describe("asking for a reservation", () => {
  test("in a quantity over the SKU's limit is quantity-limit", async () => {
    const sku = await shop.api.sku({ per_user_limit: 2 })
    expect(await shop.reserve(sku, "alice", { quantity: 3 })).toEqual(refused("quantity-limit", { decided: false }))
    expect((await shop.reserve(sku, "alice", { quantity: 2 })).status).toBe(201)
  })

  test("of a sale that is not open is sale-not-open, of a closed one sale-closed, of a halted one sale-halted", async () => {
    const sku = await shop.api.sku({ open: false })
    const admin = (act: string) => shop.api.admin("POST", `/v1/admin/skus/${sku}/${act}`)
    expect(await shop.reserve(sku, "alice")).toEqual(refused("sale-not-open"))
    await admin("open")
    await admin("halt")
    expect(await shop.reserve(sku, "alice")).toEqual(refused("sale-halted"))
    await admin("resume")
    expect((await shop.reserve(sku, "alice")).status).toBe(201)
    await admin("close")
    expect(await shop.reserve(sku, "bob")).toEqual(refused("sale-closed"))
  })

  test("when every unit is taken is sold-out", async () => {
    const sku = await shop.api.sku({ total_stock: 1 })
    await shop.hold(sku, "alice")
    expect(await shop.reserve(sku, "bob")).toEqual(refused("sold-out"))
    expect(await shop.reserve(sku, "bob", { join_waitlist: true })).toEqual(refused("sold-out"))
  })

  test("beyond the shopper's limit is user-limit-reached, and that is decided", async () => {
    const sku = await shop.api.sku()
    await shop.hold(sku, "alice")
    const answer = await shop.reserve(sku, "alice")
    expect(answer).toEqual(refused("user-limit-reached", { decided: true, reason: "user-limit-reached" }))
    expect(answer.body.reservation_id).toEqual(expect.any(String))
  })

  test("after too many holds that were not paid is hold-limit-reached, and that is decided", async () => {
    const sku = await shop.api.sku({ max_unpaid_holds: 1 })
    const id = await shop.hold(sku, "alice")
    expect((await shop.cancel(id, "alice")).status).toBe(200)
    expect(await shop.reserve(sku, "alice")).toEqual(
      refused("hold-limit-reached", { decided: true, reason: "hold-limit-reached" }),
    )
    expect((await shop.reserve(sku, "bob")).status).toBe(201)
  })

  test("more often than the tier allows is rate-limited, and says when to come back", async () => {
    const sku = await shop.api.sku({ per_user_limit: 5 })
    expect((await shop.reserve(sku, "bot", { tier: 1 })).status).toBe(201)
    const answer = await shop.reserve(sku, "bot", { tier: 1 })
    expect(answer).toEqual(refused("rate-limited", { decided: false }))
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(30)
    expect((await shop.reserve(sku, "bystander", { tier: 1 })).status).toBe(201)
  })

  test("while the queue is too long is temporarily-unavailable", async () => {
    const sku = await shop.api.sku()
    const { rows } = await shop.superuser.query<{ partition: number }>("SELECT partition FROM inventory WHERE sku_id = $1", [sku])
    const key = redisKeys.partition(rows[0]?.partition ?? 0)
    const before = await shop.redis.hgetall(key)
    await shop.redis.hset(key, { next: 0, end: maxBacklog + 1 })
    expect(await shop.reserve(sku, "alice")).toEqual(refused("temporarily-unavailable", { decided: false }))
    await shop.redis.del(key)
    if (Object.keys(before).length > 0) await shop.redis.hset(key, before)
    expect((await shop.reserve(sku, "alice")).status).toBe(201)
  })
})

describe("a key that was used before", () => {
  test("with another body is idempotency-key-reused, from Redis and from PostgreSQL", async () => {
    const [sku, other] = [await shop.api.sku({ per_user_limit: 5 }), await shop.api.sku()]
    const key = newKey()
    const first = await shop.reserve(sku, "alice", { key })
    expect(first.status).toBe(201)
    const others = () =>
      Promise.all([
        shop.reserve(sku, "alice", { key, quantity: 2 }),
        shop.reserve(sku, "alice", { key, join_waitlist: true }),
        shop.reserve(other, "alice", { key }),
      ])
    for (const answer of await others()) expect(answer).toEqual(refused("idempotency-key-reused"))
    await shop.redis.flushdb()
    for (const answer of await others()) expect(answer).toEqual(refused("idempotency-key-reused"))
    const again = await shop.reserve(sku, "alice", { key })
    expect([again.status, again.body.reservation_id]).toEqual([201, first.body.reservation_id])
    // Another shopper's key of the same name is another key.
    expect((await shop.reserve(sku, "bob", { key })).body.reservation_id).not.toBe(first.body.reservation_id)
  })

  test("by a request that is not decided yet gets the same 202, and later the one decision", async () => {
    const sku = await shop.api.sku()
    const key = newKey()
    shop.writer.signal("SIGSTOP")
    try {
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => shop.reserve(sku, "alice", { key, headers: { prefer: "respond-async" } })),
      )
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
      expect(new Set(answers.map(({ body }) => body.reservation_id)).size).toBe(1)
      expect(answers[0]?.headers.location).toContain(`/v1/reservations/${answers[0]?.body.reservation_id}?receipt=`)
    } finally {
      shop.writer.signal("SIGCONT")
    }
    await vi.waitFor(async () => expect((await shop.reserve(sku, "alice", { key })).status).toBe(201), { timeout: 20_000 })
  })
})

describe("a reservation of another shopper, and a receipt of another shopper", () => {
  test("are reservation-not-found, for every call", async () => {
    const sku = await shop.api.sku()
    const { body: own } = await shop.reserve(sku, "alice", { headers: { prefer: "respond-async" } })
    const { body: foreign } = await shop.reserve(sku, "mallory", { headers: { prefer: "respond-async" } })
    const id = String(own.reservation_id)
    const [header, payload, signature = ""] = String(own.receipt).split(".")
    const notTheirs = [
      ["mallory", ""],
      ["mallory", `?receipt=${own.receipt}`],
      ["alice", `?receipt=${foreign.receipt}`],
      ["alice", `?receipt=${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`],
      ["alice", "?receipt=x.y.z"],
    ] as const
    await vi.waitFor(async () => {
      expect((await shop.api.ask("GET", `/v1/reservations/${id}`, { user: "alice" })).body.status).toBe("RESERVED")
    })
    for (const [user, query] of notTheirs) {
      const path = `/v1/reservations/${id}`
      expect(await shop.api.ask("GET", `${path}${query}`, { user })).toEqual(refused("reservation-not-found"))
      expect(await shop.api.ask("DELETE", `${path}${query}`, { user })).toEqual(refused("reservation-not-found"))
      const checkout = { user, key: newKey(), body: { payment_method: "pm_card_visa" } }
      expect(await shop.api.ask("POST", `${path}/checkout${query}`, checkout)).toEqual(refused("reservation-not-found"))
    }
  })
})

test("afterwards every invariant holds", () => shop.expectInvariants())
