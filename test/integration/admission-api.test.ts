import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { identifyBatchCall } from "../../core/domain/batch-call.ts"
import { reservationIdOf, userIdOf } from "../../core/domain/ids.ts"
import { receipts as receiptsOf } from "../../core/runtime/receipts.ts"
import { tokenIssuer } from "../../local/environment.ts"
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

const idOf = (sub: string, key = "key-of-the-test") => reservationIdOf(userIdOf(tokenIssuer, sub), key)

describe("reserving", () => {
  test("a winner gets 201 with a countdown and a receipt for their position; the same call again gets the same answer", async () => {
    const sku = await api.sku({ hold_seconds: 100 })
    const first = await api.reserve("alice", sku)
    expect(first).toMatchObject({
      status: 201,
      body: { reservation_id: idOf("alice"), sku_id: sku, quantity: 1, status: "RESERVED", decided: true },
    })
    expect(first.body.expires_in_seconds).toBeGreaterThan(90)
    expect(first.body.expires_in_seconds).toBeLessThanOrEqual(100)
    expect(await receiptsOf.verify(first.body.receipt)).toMatchObject({ reservationId: idOf("alice"), skuId: sku, quantity: 1 })
    const again = await api.reserve("alice", sku)
    const { expires_in_seconds: _, ...lasting } = first.body
    expect(again).toMatchObject({ status: 201, body: lasting })
    await api.expectInvariants()
  })

  test("a loser gets 409 with the reason and the decided reservation; a repeated call gets the same answer", async () => {
    const sku = await api.sku({ total_stock: 0 })
    const refusal = { status: 409, body: { type: "/problems/sold-out", status: 409, reason: "sold-out", decided: true } }
    expect(await api.reserve("bob", sku)).toMatchObject({ ...refusal, headers: { "content-type": "application/problem+json" } })
    expect(await api.reserve("bob", sku)).toMatchObject({ ...refusal, body: { reservation_id: idOf("bob"), quantity: 1 } })
  })

  test("a shopper who joins the waitlist gets 202 and the URL to ask at", async () => {
    const sku = await api.sku({ total_stock: 0, waitlist_limit: 1 })
    const answer = await api.reserve("carol", sku, { join_waitlist: true })
    expect(answer).toMatchObject({ status: 202, body: { status: "WAITLISTED", decided: true } })
    expect(answer.headers["retry-after"]).toMatch(/^\d+$/)
    expect(answer.headers.location).toBe(`/v1/reservations/${idOf("carol")}?receipt=${answer.body.receipt}`)
  })

  test("a shopper who does not want to wait gets 202 with the position, and finds the decision at the URL in the answer", async () => {
    const sku = await api.sku()
    const answer = await api.reserve("dave", sku, { prefer: "respond-async" })
    expect(answer).toMatchObject({ status: 202, body: { status: "QUEUED", decided: false, receipt: expect.any(String) } })
    const query = answer.headers.location?.split("?")[1] ?? ""
    await vi.waitFor(
      async () => expect(await api.status("dave", idOf("dave"), query)).toMatchObject({ body: { status: "RESERVED" } }),
      { timeout: 5_000, interval: 20 },
    )
  })

  test("a shopper far back in the queue does not wait: they get their position at once", async () => {
    const sku = await api.sku({ total_stock: 2 })
    const { partition = 0, offset = 0 } = (await receiptsOf.verify((await api.reserve("judy", sku)).body.receipt)) ?? {}
    // The writer may show its progress after the decision.
    await vi.waitFor(async () => expect(await api.shownWatermark(partition)).toBe(offset + 1), 5_000)
    await api.showWatermark(partition, offset - 10_000)
    const answer = await api.reserve("karl", sku)
    expect(answer).toMatchObject({ status: 202, body: { status: "QUEUED", position: 10_001 } })
    expect(answer.body.estimated_wait_ms).toBeGreaterThan(200)
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(1)
  })

  test("20 equal calls at once make one reservation, and each call gets it as its answer", async () => {
    const sku = await api.sku({ total_stock: 5, per_user_limit: 5 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.reserve("erin", sku, { quantity: 2 })))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.reservation_id} ${body.status}`))).toEqual(
      new Set([`201 ${idOf("erin")} RESERVED`]),
    )
    expect(await api.anyone("availability", "GET /v1/skus/{sku_id}/availability", { sku_id: sku })).toMatchObject({
      body: { available: 3 },
    })
    await api.expectInvariants()
  })

  test("the key with another body is refused and changes nothing, also when Redis has forgotten the first", async () => {
    const sku = await api.sku({ total_stock: 5, per_user_limit: 5 })
    await api.reserve("frank", sku)
    const refusal = { status: 422, body: { type: "/problems/idempotency-key-reused", decided: false } }
    expect(await api.reserve("frank", sku, { quantity: 2 })).toMatchObject(refusal)
    await api.forgetEverything()
    expect(await api.reserve("frank", sku, { quantity: 2 })).toMatchObject(refusal)
    expect(await api.status("frank", idOf("frank"))).toMatchObject({ body: { quantity: 1 } })
  })

  test("an invalid request is refused before it spends a token, and the refusal is no decision", async () => {
    const sku = await api.sku({ per_user_limit: 2 })
    const document = (slug: string, status: number) => ({ status, body: { type: `/problems/${slug}`, decided: false } })
    expect(await api.reserve("grace", "sku-unknown")).toMatchObject(document("sku-not-found", 404))
    expect(await api.reserve("grace", sku, { quantity: 3 })).toMatchObject(document("quantity-limit", 422))
    expect(await api.status("grace", idOf("grace"))).not.toMatchObject({ status: 200 })
  })

  test("a flagged client has one try a minute; a retry with the same key is free", async () => {
    const sku = await api.sku({ total_stock: 5 })
    expect((await api.reserve("heidi", sku, { tier: 1 })).status).toBe(201)
    const second = await api.reserve("heidi", sku, { tier: 1, key: "another-key" })
    expect(second).toMatchObject({ status: 429, body: { type: "/problems/rate-limited", decided: false } })
    expect(Number(second.headers["retry-after"])).toBeGreaterThan(50)
    expect((await api.reserve("heidi", sku, { tier: 1 })).status).toBe(201)
  })

  test("a repeated call reads that its hold was cancelled", async () => {
    const sku = await api.sku({ per_user_limit: 1 })
    await api.reserve("ivan", sku)
    expect(await api.cancel("ivan", idOf("ivan"))).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    expect(await api.cancel("ivan", idOf("ivan"))).toMatchObject({ status: 200, body: { status: "CANCELLED" } })
    expect(await api.reserve("ivan", sku)).toMatchObject({ status: 201, body: { status: "CANCELLED", decided: true } })
    expect(await api.reserve("ivan", sku, { key: "a-new-key" })).toMatchObject({ status: 201, body: { status: "RESERVED" } })
    await api.expectInvariants()
  })
})

describe("a batch", () => {
  test("queues good items, reports bad ones at their index, and answers a repeated call with the same ids and the decisions", async () => {
    const sku = await api.sku({ total_stock: 2, per_user_limit: 1 })
    const item = (user_id: string, sku_id = sku, quantity = 1) => ({ user_id, sku_id, quantity })
    const items = [item("u1"), item("u2", "sku-unknown"), item("u3", sku, 2), item("u1"), item("u4")]
    const partner = userIdOf(tokenIssuer, "partner")
    const named = items.map(({ user_id, sku_id, quantity }) => ({
      userId: userIdOf(tokenIssuer, user_id),
      skuId: sku_id,
      quantity,
    }))
    const ids = identifyBatchCall(partner, "key-of-the-batch", named).itemIds
    const id = (index: number) => ids[index] ?? ""

    const first = await api.batch(items)
    expect(first).toMatchObject({
      status: 202,
      body: {
        items: [
          { reservation_id: id(0), status: "QUEUED", receipt: expect.any(String) },
          { type: "/problems/sku-not-found", status: 404, decided: false },
          { type: "/problems/quantity-limit", status: 422, decided: false },
          { reservation_id: id(3), status: "QUEUED" },
          { reservation_id: id(4), status: "QUEUED" },
        ],
      },
    })
    const decisions = [
      { reservation_id: id(0), status: "RESERVED" },
      { status: 404 },
      { status: 422 },
      { reservation_id: id(3), status: "REFUSED" },
      { reservation_id: id(4), status: "RESERVED" },
    ]
    await vi.waitFor(async () => expect(await api.batch(items)).toMatchObject({ status: 202, body: { items: decisions } }), {
      timeout: 5_000,
      interval: 20,
    })
    expect(await api.status("u1", id(3))).toMatchObject({ body: { status: "REFUSED", reason: "user-limit-reached" } })
    await api.expectInvariants()
  })

  test("of 1,000 items over two SKUs queues each item, and each has a receipt of its own", async () => {
    const skus = [await api.sku({ total_stock: 400 }), await api.sku({ total_stock: 400 })]
    const items = Array.from({ length: 1_000 }, (_, index) => ({ user_id: `b${index}`, sku_id: skus[index % 2], quantity: 1 }))
    const { status, body } = await api.batch(items, "key-of-the-large-batch")
    expect(status).toBe(202)
    const receipts = await Promise.all(body.items.map((item: { receipt: string }) => receiptsOf.verify(item.receipt)))
    expect(new Set(receipts.map((receipt) => `${receipt?.partition}/${receipt?.offset}`)).size).toBe(1_000)
    expect(receipts.map((receipt) => receipt?.skuId)).toEqual(items.map(({ sku_id }) => sku_id))
  })
})

describe("the catalogue", () => {
  test("shows name, price and opening time, and a new SKU within a second", async () => {
    const sku = await api.sku({ name: "A lamp", price_minor: 4_200, total_stock: 3 })
    const entry = { sku_id: sku, name: "A lamp", price_minor: 4_200, currency: "EUR", per_user_limit: 1, status: "open" }
    expect(await api.anyone("catalogue", "GET /v1/skus/{sku_id}", { sku_id: sku })).toMatchObject({ status: 200, body: entry })
    await vi.waitFor(
      async () =>
        expect((await api.anyone("catalogue", "GET /v1/skus")).body.items).toContainEqual(expect.objectContaining(entry)),
      { timeout: 2_000, interval: 50 },
    )
    expect(await api.anyone("catalogue", "GET /v1/skus/{sku_id}", { sku_id: "sku-unknown" })).toMatchObject({ status: 404 })
  })

  test("the edge may cache availability for a second", async () => {
    const sku = await api.sku({ total_stock: 3 })
    const answer = await api.anyone("availability", "GET /v1/skus/{sku_id}/availability", { sku_id: sku })
    expect(answer).toMatchObject({ status: 200, body: { sku_id: sku, available: 3, total: 3, status: "open" } })
    expect(answer.headers["cache-control"]).toMatch(/^public, max-age=1, stale-while-revalidate=\d+$/)
  })
})
