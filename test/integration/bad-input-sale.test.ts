import { Pool } from "pg"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { maxBacklog } from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type StartedPart, startPart } from "../services/parts.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"
import { type Api, type Ask, givenApi, givenPaymentProvider, newKey, refused } from "./bad-input-api.ts"

let database: TestDatabase
let superuser: Pool
let redis: ReturnType<typeof redisClient>
let provider: StartedPart
let writer: StartedPart
let api: Api

beforeAll(async () => {
  database = await freshDatabase()
  superuser = new Pool({ connectionString: database.superuserUrl, max: 2 })
  const redisUrl = await freshRedis()
  redis = redisClient(redisUrl)
  await firstContact(redis)
  const topics = await freshTopics({ databaseUrl: database.url })
  const payments = await givenPaymentProvider()
  provider = payments
  api = await givenApi({ databaseUrl: database.url, redisUrl, topics, paymentApiUrl: payments.url, more: patience })
  writer = await startPart("local/event-source/main.ts", {
    ...api.variables,
    EVENT_SOURCE: "reservationRequests/inventory-batch-writer",
    CONSUMER_GROUP: `writer-${newKey()}`,
  })
})
afterAll(async () => {
  await Promise.all([writer.stop(), provider.stop(), api.close()])
  redis.disconnect()
  await superuser.end()
  await database.drop()
})

/** On a busy machine a decision may take its time; what is tested is which it is. */
const patience = { DECISION_WAIT_MS: "10000" }

const reserve = (sku_id: string, user: string, more: Ask & { quantity?: number; join_waitlist?: boolean } = {}) => {
  const { quantity = 1, join_waitlist, ...rest } = more
  const body = { sku_id, quantity, ...(join_waitlist !== undefined && { join_waitlist }) }
  return api.ask("POST", "/v1/reservations", { user, key: newKey(), body, ...rest })
}
const cancel = (id: string, user: string) => api.ask("DELETE", `/v1/reservations/${id}`, { user })
const pay = (id: string, user: string, more: Ask & { payment_method?: string } = {}) => {
  const { payment_method = "pm_card_visa", ...rest } = more
  return api.ask("POST", `/v1/reservations/${id}/checkout`, { user, key: newKey(), body: { payment_method }, ...rest })
}

/** A hold of the shopper. */
async function hold(sku: string, user: string): Promise<string> {
  const { status, body } = await reserve(sku, user)
  expect([status, body.status]).toEqual([201, "RESERVED"])
  return String(body.reservation_id)
}

/** Moves the data's clock: the hold ended a second ago. */
const endHold = (id: string) =>
  superuser.query("UPDATE reservations SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [id])

describe("asking for a reservation", () => {
  test("in a quantity over the SKU's limit is quantity-limit", async () => {
    const sku = await api.sku({ per_user_limit: 2 })
    expect(await reserve(sku, "alice", { quantity: 3 })).toEqual(refused("quantity-limit", { decided: false }))
    expect((await reserve(sku, "alice", { quantity: 2 })).status).toBe(201)
  })

  test("of a sale that is not open is sale-not-open, of a closed one sale-closed, of a halted one sale-halted", async () => {
    const sku = await api.sku({ open: false })
    const admin = (act: string) => api.admin("POST", `/v1/admin/skus/${sku}/${act}`)
    expect(await reserve(sku, "alice")).toEqual(refused("sale-not-open"))
    await admin("open")
    await admin("halt")
    expect(await reserve(sku, "alice")).toEqual(refused("sale-halted"))
    await admin("resume")
    expect((await reserve(sku, "alice")).status).toBe(201)
    await admin("close")
    expect(await reserve(sku, "bob")).toEqual(refused("sale-closed"))
  })

  test("when every unit is taken is sold-out", async () => {
    const sku = await api.sku({ total_stock: 1 })
    await hold(sku, "alice")
    expect(await reserve(sku, "bob")).toEqual(refused("sold-out"))
    expect(await reserve(sku, "bob", { join_waitlist: true })).toEqual(refused("sold-out"))
  })

  test("beyond the shopper's limit is user-limit-reached, and that is decided", async () => {
    const sku = await api.sku()
    await hold(sku, "alice")
    const answer = await reserve(sku, "alice")
    expect(answer).toEqual(refused("user-limit-reached", { decided: true, reason: "user-limit-reached" }))
    expect(answer.body.reservation_id).toEqual(expect.any(String))
  })

  test("more often than the tier allows is rate-limited, and says when to come back", async () => {
    const sku = await api.sku({ per_user_limit: 5 })
    expect((await reserve(sku, "bot", { tier: 1 })).status).toBe(201)
    const answer = await reserve(sku, "bot", { tier: 1 })
    expect(answer).toEqual(refused("rate-limited", { decided: false }))
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(30)
    expect((await reserve(sku, "bystander", { tier: 1 })).status).toBe(201)
  })

  test("while the line is too long is temporarily-unavailable", async () => {
    const sku = await api.sku()
    const { rows } = await superuser.query<{ partition: number }>("SELECT partition FROM inventory WHERE sku_id = $1", [sku])
    const line = redisKeys.line(rows[0]?.partition ?? 0)
    const before = await redis.hgetall(line)
    await redis.hset(line, { next: 0, end: maxBacklog + 1 })
    expect(await reserve(sku, "alice")).toEqual(refused("temporarily-unavailable", { decided: false }))
    await redis.del(line)
    if (Object.keys(before).length > 0) await redis.hset(line, before)
    expect((await reserve(sku, "alice")).status).toBe(201)
  })
})

describe("a key that was used before", () => {
  test("with another body is idempotency-key-reused, whoever remembers the first", async () => {
    const [sku, other] = [await api.sku({ per_user_limit: 5 }), await api.sku()]
    const key = newKey()
    const first = await reserve(sku, "alice", { key })
    expect(first.status).toBe(201)
    const others = () =>
      Promise.all([
        reserve(sku, "alice", { key, quantity: 2 }),
        reserve(sku, "alice", { key, join_waitlist: true }),
        reserve(other, "alice", { key }),
      ])
    for (const answer of await others()) expect(answer).toEqual(refused("idempotency-key-reused"))
    await redis.flushdb()
    for (const answer of await others()) expect(answer).toEqual(refused("idempotency-key-reused"))
    const again = await reserve(sku, "alice", { key })
    expect([again.status, again.body.reservation_id]).toEqual([201, first.body.reservation_id])
    // Another shopper's key of the same name is another key.
    expect((await reserve(sku, "bob", { key })).body.reservation_id).not.toBe(first.body.reservation_id)
  })

  test("and is still at work comes to the same 202, and later to the one decision", async () => {
    const sku = await api.sku()
    const key = newKey()
    writer.signal("SIGSTOP")
    try {
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => reserve(sku, "alice", { key, headers: { prefer: "respond-async" } })),
      )
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
      expect(new Set(answers.map(({ body }) => body.reservation_id)).size).toBe(1)
      expect(answers[0]?.headers.location).toContain(`/v1/reservations/${answers[0]?.body.reservation_id}?receipt=`)
    } finally {
      writer.signal("SIGCONT")
    }
    await vi.waitFor(async () => expect((await reserve(sku, "alice", { key })).status).toBe(201), { timeout: 20_000 })
  })
})

describe("a reservation of another shopper, and a receipt that is not his", () => {
  test("are reservation-not-found, whatever is asked of them", async () => {
    const sku = await api.sku()
    const { body: own } = await reserve(sku, "alice", { headers: { prefer: "respond-async" } })
    const { body: foreign } = await reserve(sku, "mallory", { headers: { prefer: "respond-async" } })
    const id = String(own.reservation_id)
    const [header, payload, signature = ""] = String(own.receipt).split(".")
    const notHis = [
      ["mallory", ""],
      ["mallory", `?receipt=${own.receipt}`],
      ["alice", `?receipt=${foreign.receipt}`],
      ["alice", `?receipt=${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`],
      ["alice", "?receipt=x.y.z"],
    ] as const
    await vi.waitFor(async () => {
      expect((await api.ask("GET", `/v1/reservations/${id}`, { user: "alice" })).body.status).toBe("RESERVED")
    })
    for (const [user, query] of notHis) {
      const path = `/v1/reservations/${id}`
      expect(await api.ask("GET", `${path}${query}`, { user })).toEqual(refused("reservation-not-found"))
      expect(await api.ask("DELETE", `${path}${query}`, { user })).toEqual(refused("reservation-not-found"))
      const checkout = { user, key: newKey(), body: { payment_method: "pm_card_visa" } }
      expect(await api.ask("POST", `${path}/checkout${query}`, checkout)).toEqual(refused("reservation-not-found"))
    }
  })
})

describe("paying and cancelling what is", () => {
  test("expired is reservation-expired", async () => {
    const sku = await api.sku()
    const [paid, cancelled] = [await hold(sku, "alice"), await hold(sku, "bob")]
    await Promise.all([endHold(paid), endHold(cancelled)])
    expect(await pay(paid, "alice")).toEqual(refused("reservation-expired"))
    expect(await cancel(cancelled, "bob")).toEqual(refused("reservation-expired"))
  })

  test("cancelled is reservation-cancelled; cancelling it again is no fault", async () => {
    const id = await hold(await api.sku(), "alice")
    expect(await cancel(id, "alice")).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    expect(await cancel(id, "alice")).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    expect(await pay(id, "alice")).toEqual(refused("reservation-cancelled"))
  })

  test("undecided is not-decided-yet", async () => {
    const sku = await api.sku()
    let id = ""
    writer.signal("SIGSTOP")
    try {
      const { status, body } = await reserve(sku, "alice", { headers: { prefer: "respond-async" } })
      id = String(body.reservation_id)
      expect([status, body.status, body.decided]).toEqual([202, "QUEUED", false])
      expect(await pay(id, "alice")).toEqual(refused("not-decided-yet"))
      expect(await cancel(id, "alice")).toEqual(refused("not-decided-yet"))
    } finally {
      writer.signal("SIGCONT")
    }
    await vi.waitFor(async () => expect((await cancel(id, "alice")).status).toBe(200), { timeout: 20_000 })
  })

  test("confirmed is the same order with 200, and cannot be cancelled", async () => {
    const id = await hold(await api.sku(), "alice")
    const key = newKey()
    const first = await pay(id, "alice", { key })
    expect(first).toMatchObject({ status: 201, body: { reservation_id: id, amount_minor: 1_999 } })
    expect(await pay(id, "alice", { key })).toMatchObject({ status: 200, body: first.body })
    expect(await pay(id, "alice")).toMatchObject({ status: 200, body: first.body })
    expect(await cancel(id, "alice")).toEqual(refused("reservation-confirmed"))
    expect(await api.ask("GET", `/v1/orders/${first.body.order_id}`, { user: "bob" })).toEqual(refused("order-not-found"))
  })

  test("being paid by another attempt is payment-in-progress", async () => {
    const id = await hold(await api.sku(), "alice")
    const slow = pay(id, "alice", { payment_method: "sim_slow" })
    await vi.waitFor(async () => {
      const { rowCount } = await superuser.query("SELECT FROM payment_attempts WHERE reservation_id = $1", [id])
      expect(rowCount).toBe(1)
    })
    expect(await pay(id, "alice")).toEqual(refused("payment-in-progress"))
    expect((await slow).status).toBe(201)
  })

  test("declined is payment-declined; the hold is kept and another method pays", async () => {
    const id = await hold(await api.sku(), "alice")
    const key = newKey()
    const declined = await pay(id, "alice", { key, payment_method: "pm_card_chargeDeclined" })
    expect(declined).toEqual(refused("payment-declined"))
    expect(await pay(id, "alice", { key })).toEqual(refused("idempotency-key-reused"))
    expect((await pay(id, "alice")).status).toBe(201)
  })

  test("refused from the start is refused for the same reason", async () => {
    const sku = await api.sku()
    await hold(sku, "alice")
    const { body } = await reserve(sku, "alice")
    expect(await pay(String(body.reservation_id), "alice")).toEqual(refused("user-limit-reached"))
    expect(await cancel(String(body.reservation_id), "alice")).toEqual(refused("user-limit-reached"))
  })
})

describe("steering a sale", () => {
  test("against what it is says why not", async () => {
    const sku = await api.sku({ total_stock: 1 })
    const act = (name: string, body?: object) => api.admin("POST", `/v1/admin/skus/${sku}/${name}`, body)
    await hold(sku, "alice")
    expect(await act("restock", { quantity: -1 })).toEqual(refused("below-committed"))
    expect(await act("restock", { quantity: 0 })).toEqual(refused("validation-failed"))
    expect(await act("mode", { mode: "fast" })).toEqual(refused("validation-failed"))
    const another = { sku_id: sku, name: "Another thing", price_minor: 1, currency: "EUR", total_stock: 1 }
    expect(await api.admin("POST", "/v1/admin/skus", another)).toEqual(refused("sku-exists"))
    await act("close")
    expect(await act("open")).toEqual(refused("sale-closed"))
  })
})

test("after all this every invariant holds", async () => {
  expect(await api.admin("GET", "/v1/admin/verify")).toMatchObject({ status: 200, body: { ok: true } })
})
