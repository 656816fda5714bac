import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import type { BatchAnswer } from "../../core/contracts/http/reservations.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { recordsIn } from "../sale/topic-records.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { addressThrough, type FaultProxy, faultProxy } from "../services/fault-proxy.ts"

let database: TestDatabase
let link: FaultProxy
let sale: RunningSale
beforeAll(async () => {
  database = await freshDatabase()
  link = await faultProxy(inject("services").postgresPort)
  sale = await runningSale({ databaseUrl: addressThrough(link, database.url), superuserUrl: database.superuserUrl })
  await sale.api()
})
afterAll(async () => {
  await sale.close()
  link.close()
  await database.drop()
})

/** The time in which a batch learns that PostgreSQL is unavailable, and a margin for a busy machine. */
const answerWithinMs = 10_000

const administrator = { sub: "operator", scope: "sales:admin" }
const command = (skuId: string, action: "restock" | "extend", body: object, key?: string) =>
  sale.call<Record<string, unknown>>(
    "POST",
    `/v1/admin/skus/${skuId}/${action}`,
    administrator,
    key === undefined ? {} : { "idempotency-key": key },
    body,
  )

/** Loses the reply to the COMMIT of a restock, or to the one statement of an extension: the work is done without an answer. */
const replies = {
  restock: { sent: "recordCommand", reply: "COMMIT\0" },
  extend: { sent: "extend_once", reply: "SELECT 1\0" },
} as const

async function stockOf(skuId: string): Promise<number> {
  const { rows } = await sale.superuser.query<{ total: number }>("SELECT total_stock AS total FROM inventory WHERE sku_id = $1", [
    skuId,
  ])
  return rows[0]?.total ?? 0
}

/** A SKU with one hold, decided without the writer. */
async function skuWithHold() {
  const sku = await sale.sku({ total_stock: 10 })
  await sale.steer("POST", `skus/${sku.skuId}/mode`, { mode: "direct" })
  const { status, body } = await sale.reserve(sku.skuId, "alice")
  expect(status).toBe(201)
  const endMs = async () => {
    const { rows } = await sale.superuser.query<{ expires_at: Date }>("SELECT expires_at FROM reservations WHERE id = $1", [
      body.reservation_id,
    ])
    return rows[0]?.expires_at.getTime() ?? 0
  }
  return { ...sku, endMs }
}

describe("a restock that lost the answer to its COMMIT", () => {
  test("moves the stock once, for any number of repetitions with its key", async () => {
    const { skuId } = await sale.sku({ total_stock: 10 })
    const key = randomUUID()
    const lost = link.loseReply(replies.restock)
    const unanswered = await command(skuId, "restock", { quantity: 10 }, key)
    expect([unanswered.status, lost(), await stockOf(skuId)]).toEqual([503, 1, 20])
    for (let times = 0; times < 3; times += 1) {
      expect(await command(skuId, "restock", { quantity: 10 }, key)).toMatchObject({ status: 200, body: { total_stock: 20 } })
    }
    expect(await stockOf(skuId)).toBe(20)
    await sale.expectInvariants()
  })

  test("moves it again when it is repeated without a key: the loss is real", async () => {
    const { skuId } = await sale.sku({ total_stock: 10 })
    const lost = link.loseReply(replies.restock)
    expect((await command(skuId, "restock", { quantity: 10 })).status).toBe(503)
    expect(lost()).toBe(1)
    expect(await command(skuId, "restock", { quantity: 10 })).toMatchObject({ body: { total_stock: 30 } })
    await sale.expectInvariants()
  })

  test("is repeated by the CLI itself, with the printed key", async () => {
    const { skuId } = await sale.sku({ total_stock: 10 })
    const lost = link.loseReply(replies.restock)
    const { exitCode, output } = await sale.ops("sale", "restock", skuId, "10")
    expect(lost()).toBe(1)
    expect(output).toMatch(/total_stock\s+20/)
    expect(output).toContain("the command is sent again with the same key")
    expect(exitCode).toBe(0)
    const [, key = ""] = /idempotency key: (\S+)/.exec(output) ?? []
    const byHand = await sale.ops("sale", "restock", skuId, "10", "--key", key)
    expect(byHand).toMatchObject({ exitCode: 0, output: expect.stringMatching(/total_stock\s+20/) })
    const other = await sale.ops("sale", "restock", skuId, "11", "--key", key)
    expect(other).toMatchObject({ exitCode: 1, output: expect.stringContaining("Nothing was changed") })
    expect(await stockOf(skuId)).toBe(20)
    await sale.expectInvariants()
  })
})

describe("an extension that lost its answer", () => {
  test("gives the holds more time once, and its repetition answers with the number of holds", async () => {
    const { skuId, endMs } = await skuWithHold()
    const before = await endMs()
    const key = randomUUID()
    const lost = link.loseReply(replies.extend)
    expect((await command(skuId, "extend", { seconds: 60 }, key)).status).toBe(503)
    expect(lost()).toBe(1)
    for (let times = 0; times < 2; times += 1) {
      expect(await command(skuId, "extend", { seconds: 60 }, key)).toMatchObject({ status: 200, body: { holds_extended: 1 } })
    }
    expect((await endMs()) - before).toBe(60_000)
    await sale.expectInvariants()
  })

  test("is repeated by the CLI itself", async () => {
    const { skuId, endMs } = await skuWithHold()
    const before = await endMs()
    const lost = link.loseReply(replies.extend)
    const { exitCode, output } = await sale.ops("holds", "extend", skuId, "--seconds", "60")
    expect([lost(), exitCode]).toEqual([1, 0])
    expect(output).toContain(`1 holds of ${skuId} end 60 s later`)
    expect((await endMs()) - before).toBe(60_000)
    await sale.expectInvariants()
  })
})

describe("a batch", () => {
  const batch = (skuId: string, key: string) =>
    sale.call<BatchAnswer & { type?: string }>(
      "POST",
      "/v1/reservations/batch",
      { sub: "partner", scope: "reservations:batch" },
      { "idempotency-key": key },
      { items: ["ann", "ben"].map((user_id) => ({ user_id, sku_id: skuId, quantity: 1 })) },
    )
  const reserved = async (skuNo: number) => {
    const { rows } = await sale.superuser.query("SELECT FROM reservations WHERE sku_no = $1", [skuNo])
    return rows.length
  }

  test("that recorded its key and lost its answer makes one set of reservations", async () => {
    const { skuId, skuNo } = await skuWithHold()
    const lost = link.loseReply({ sent: "batch_calls", reply: "INSERT 0 1\0" })
    expect(await batch(skuId, "key-of-the-lost-batch")).toMatchObject({ status: 503 })
    expect([lost(), await reserved(skuNo)]).toEqual([1, 1])
    const answers = [await batch(skuId, "key-of-the-lost-batch"), await batch(skuId, "key-of-the-lost-batch")]
    expect(answers[0]).toMatchObject({ status: 202, body: { items: [{ status: "RESERVED" }, { status: "RESERVED" }] } })
    expect(answers[1]).toEqual(answers[0])
    expect(await reserved(skuNo)).toBe(3)
    await sale.expectInvariants()
  })

  /** Calls until both items are in the queue: a busy broker may answer later than a call waits for it. */
  const queuedWith = (skuId: string, key: string) =>
    until(async () => {
      const { status, body } = await batch(skuId, key)
      return status === 202 && body.items.every((item) => "reservation_id" in item && item.status === "QUEUED")
    })

  test.each([
    ["is away", (away: FaultProxy) => away.refuse()],
    ["hangs", (away: FaultProxy) => away.deafen()],
  ])("is temporarily-unavailable while PostgreSQL %s, and nothing is put into the queue", async (name, start) => {
    const { skuId, skuNo } = await sale.sku({ total_stock: 10 })
    const key = `key-of-the-outage-that-${name.replace(" ", "-")}`
    await queuedWith(skuId, `${key}-before`)
    const before = await recordsIn(sale.topics.requests)
    start(link)
    const startedMs = performance.now()
    const refused = await batch(skuId, key)
    expect(performance.now() - startedMs).toBeLessThan(answerWithinMs)
    expect(refused).toMatchObject({ status: 503, body: { type: "/problems/temporarily-unavailable" } })
    expect(await recordsIn(sale.topics.requests)).toBe(before)
    link.serve()
    link.reset()
    await queuedWith(skuId, key)
    expect(await recordsIn(sale.topics.requests)).toBeGreaterThanOrEqual(before + 2)
    expect(await reserved(skuNo)).toBe(0)
    await sale.expectInvariants()
  })
})
