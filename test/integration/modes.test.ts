import { setTimeout as delay } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { AdminSku, SkuStats } from "../../core/contracts/http/admin.ts"
import type { BatchAnswer } from "../../core/contracts/http/reservations.ts"
import { requestRecord } from "../sale/records.ts"
import { type Answer, type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { appendRaw } from "../sale/topic-records.ts"

let sale: RunningSale
beforeEach(async () => {
  sale = await runningSale()
})
afterEach(() => sale.close())

const switchTo = (skuId: string, body: object) => sale.steer<AdminSku>("POST", `skus/${skuId}/mode`, body)

/** Switches as an operator does, over the API or by the CLI, and repeats the command while the queue is not empty. */
const switchedTo = (skuId: string, mode: "batch" | "direct", by: "API" | "CLI"): Promise<AdminSku> =>
  until(async () => {
    if (by === "API") {
      const { status, body } = await switchTo(skuId, { mode })
      return status === 200 && body
    }
    const { exitCode, output } = await sale.ops("--json", "mode", mode, skuId)
    return exitCode === 0 && (JSON.parse(output) as AdminSku)
  })

async function partitionOf(skuNo: number): Promise<number> {
  const { rows } = await sale.superuser.query<{ partition: number }>("SELECT partition FROM inventory WHERE sku_no = $1", [skuNo])
  return rows[0]?.partition ?? 0
}

/** How many requests were decided from the queue, and how many directly. */
async function ways(skuNo: number) {
  const { rows } = await sale.superuser.query<{ direct: number; queue: number }>(
    `SELECT count(*) FILTER (WHERE l.first_offset IS NULL)::int AS direct, count(*) FILTER (WHERE l.first_offset IS NOT NULL)::int AS queue
       FROM reservations r JOIN ledger l ON l.sku_no = r.sku_no AND l.seq = r.seq WHERE r.sku_no = $1`,
    [skuNo],
  )
  return rows[0]
}

/** More units than the shoppers can take during the switches. Afterwards the rest is recalled, except `left`. */
const plenty = 5_000
const left = 30
const waitlist = 20
/** Shoppers who come when only `left` units remain. */
const lateArrivals = 120
/** Decisions of its own that each mode must have made before the next switch. */
const decisionsByEach = 25
const arrivalIntervalMs = 8

test("a sale switched to direct and back under load loses nothing: every request has one decision, and every retry gets it", async () => {
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
  const { skuId, skuNo } = await sale.sku({ total_stock: plenty, waitlist_limit: waitlist })
  const accepted = new Map<number, string>()
  /** Sends a request, and repeats it with the same key until there is a business answer. */
  const buys = (buyer: number) =>
    until(async () => {
      const answer = await sale.reserve(skuId, `buyer-${buyer}`, { join_waitlist: true })
      if (answer.status < 300) accepted.set(buyer, answer.body.reservation_id)
      return (answer.status === 201 || answer.status === 409 || answer.body.status === "WAITLISTED") && answer
    })
  const everybody: Promise<Answer>[] = []
  const arrive = async (isOver: () => boolean) => {
    while (!isOver()) {
      everybody.push(buys(everybody.length))
      await delay(arrivalIntervalMs)
    }
  }
  let isSwitched = false
  const arriving = arrive(() => isSwitched)
  for (const by of ["API", "CLI"] as const) {
    for (const mode of ["direct", "batch"] as const) {
      const way = mode === "direct" ? "direct" : "queue"
      expect((await switchedTo(skuId, mode, by)).mode).toBe(mode)
      const before = (await ways(skuNo))?.[way] ?? 0
      await until(async () => ((await ways(skuNo))?.[way] ?? 0) >= before + decisionsByEach)
    }
  }
  isSwitched = true
  await arriving
  await Promise.all(everybody)
  const { body: stats } = await sale.steer<SkuStats>("GET", `skus/${skuId}/stats`)
  await sale.steer("POST", `skus/${skuId}/restock`, { quantity: left - stats.available })
  const early = everybody.length
  await arrive(() => everybody.length >= early + lateArrivals)
  const answers = await Promise.all(everybody)

  const count = (status: string) => answers.filter(({ body }) => body.status === status).length
  expect([count("RESERVED"), count("WAITLISTED")]).toEqual([early + left, waitlist])
  const { direct = 0, queue = 0 } = (await ways(skuNo)) ?? {}
  for (const [buyer, id] of accepted) {
    expect((await sale.get(`/v1/reservations/${id}`, `buyer-${buyer}`)).body).toMatchObject({ decided: true, reservation_id: id })
  }
  const sample = answers.slice(0, 50)
  const again = await Promise.all(sample.map((_, buyer) => sale.reserve(skuId, `buyer-${buyer}`, { join_waitlist: true })))
  const idsAndStates = (of: readonly Answer[]) => of.map(({ body }) => [body.reservation_id, body.status])
  expect(idsAndStates(again)).toEqual(idsAndStates(sample))
  expect((await sale.ops("verify-sale")).output).toContain("every invariant holds")
  console.log(`${answers.length} shoppers: ${queue} decided through the queue, ${direct} directly, in four switches`)
  await sale.expectInvariants()
})

test("a direct answer is a decision without a receipt; cancel, checkout's countdown and the waitlist work as in batch mode", async () => {
  await Promise.all([sale.api(), sale.sweeper()])
  const { skuId } = await sale.sku({ total_stock: 1, waitlist_limit: 1 })
  expect(await switchTo(skuId, { mode: "direct" })).toMatchObject({ status: 200, body: { mode: "direct", frozen: false } })
  const alice = await sale.reserve(skuId, "alice", { prefer: "respond-async" })
  expect(alice).toMatchObject({
    status: 201,
    body: { status: "RESERVED", decided: true, expires_in_seconds: expect.any(Number) },
  })
  expect(alice.body.receipt).toBeUndefined()
  const again = await sale.reserve(skuId, "alice")
  expect(again).toMatchObject({ status: 201, body: { reservation_id: alice.body.reservation_id, status: "RESERVED" } })
  const bob = await sale.reserve(skuId, "bob", { join_waitlist: true })
  expect(bob).toMatchObject({ status: 202, body: { status: "WAITLISTED" } })
  expect(await sale.reserve(skuId, "carol")).toMatchObject({ status: 409, body: { type: "/problems/sold-out" } })
  expect(await sale.reserve(skuId, "alice", { quantity: 1, join_waitlist: true })).toMatchObject({
    status: 422,
    body: { type: "/problems/idempotency-key-reused" },
  })
  expect(await sale.steer("POST", `skus/${skuId}/restock`, { quantity: 1 })).toMatchObject({ status: 200 })
  expect((await sale.get(`/v1/reservations/${bob.body.reservation_id}`, "bob")).body).toMatchObject({ status: "RESERVED" })
  const published = await until(async () => {
    const events = await sale.events(skuId)
    return events.some(({ event_type }) => event_type === "reservation.promoted") && events
  })
  const types = published.map(({ event_type }) => event_type)
  expect(types).toEqual(expect.arrayContaining(["sale.switched", "reservation.created", "reservation.waitlisted"]))
  await sale.expectInvariants()
})

test("a batch call in direct mode is answered item by item with decisions", async () => {
  await sale.api()
  const { skuId } = await sale.sku({ total_stock: 2 })
  await switchTo(skuId, { mode: "direct" })
  const items = ["ann", "ben", "cem", "ann"].map((user_id) => ({ user_id, sku_id: skuId, quantity: 1 }))
  const batch = async () =>
    sale.call<BatchAnswer>(
      "POST",
      "/v1/reservations/batch",
      { sub: "partner", scope: "reservations:batch" },
      { "idempotency-key": "the-batch-of-the-test" },
      { items },
    )
  const { status, body } = await batch()
  expect(status).toBe(202)
  expect(body.items.map((item) => item.status).filter((each) => each === "RESERVED")).toHaveLength(2)
  expect(body.items.every((item) => "reservation_id" in item && !("receipt" in item))).toBe(true)
  expect((await batch()).body).toEqual(body)
  await sale.expectInvariants()
})

test("direct mode does not open while requests are queued, unless it is forced; queued requests are decided later", async () => {
  await sale.api({ DECISION_WAIT_MS: "0" })
  const sku = await sale.sku({ total_stock: 2 })
  const { skuId, skuNo } = sku
  const queued = await sale.reserve(skuId, "early")
  expect(queued).toMatchObject({ status: 202, body: { status: "QUEUED" } })
  const records = [requestRecord(sku), requestRecord(sku)]
  await appendRaw(sale.topics.requests, await partitionOf(skuNo), records)
  const refused = await switchTo(skuId, { mode: "direct" })
  expect(refused).toMatchObject({
    status: 409,
    body: { type: "/problems/backlog-not-drained", detail: expect.stringContaining("3 records of its partition still wait") },
  })
  expect((await sale.steer<SkuStats>("GET", `skus/${skuId}/stats`)).body.mode).toBe("batch")

  expect(await sale.ops("mode", "direct", skuId)).toMatchObject({ exitCode: 1, output: expect.stringContaining("--force") })
  expect(await sale.ops("mode", "direct", skuId, "--force")).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/mode\s+direct/),
  })
  expect(await until(async () => (await sale.reserve(skuId, "late")).body.status === "RESERVED" && "RESERVED")).toBe("RESERVED")
  // A repeated request is decided without waiting for the queue.
  expect(await sale.reserve(skuId, "early")).toMatchObject({
    status: 201,
    body: { reservation_id: queued.body.reservation_id, status: "RESERVED" },
  })
  await sale.writer()
  await until(async () => (await sale.outcomes())[11] === 2)
  expect(await sale.outcomes()).toEqual({ 1: 2, 11: 2 })
  await sale.expectInvariants()
})

test("a halt stops direct mode, too, and a resume restores it; the CLI halts, freezes and names what it refuses", async () => {
  await Promise.all([sale.api(), sale.writer()])
  const sku = await sale.sku({ total_stock: 5 })
  const { skuId, skuNo } = sku
  expect(await sale.ops("mode", "direct", skuId)).toMatchObject({ exitCode: 0 })
  expect(await sale.ops("mode", "halted", skuId)).toMatchObject({ output: expect.stringMatching(/mode\s+halted/) })
  expect(await sale.reserve(skuId, "alice")).toMatchObject({
    status: 503,
    body: { type: "/problems/sale-halted", decided: false },
  })
  expect(await sale.ops("sale", "resume", skuId)).toMatchObject({ output: expect.stringMatching(/mode\s+direct/) })
  expect(await sale.reserve(skuId, "alice")).toMatchObject({ status: 201 })
  expect(await sale.ops("mode", "batch", skuId)).toMatchObject({ output: expect.stringMatching(/mode\s+batch/) })
  expect(await sale.ops("mode", "batch", skuId, "--freeze")).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining("--freeze is only possible with halted"),
  })

  expect(await sale.ops("sale", "halt", skuId, "--freeze")).toMatchObject({ output: expect.stringMatching(/frozen\s+true/) })
  await appendRaw(sale.topics.requests, await partitionOf(skuNo), [requestRecord(sku)])
  const backlog = async () => (await sale.steer<SkuStats>("GET", `skus/${skuId}/stats`)).body.partition_backlog
  await until(async () => (await backlog()) === 1)
  expect(await sale.outcomes()).toEqual({ 1: 1 })
  expect(await switchTo(skuId, { mode: "batch" })).toMatchObject({ status: 200, body: { mode: "batch", frozen: false } })
  await until(async () => (await backlog()) === 0)
  expect(await sale.outcomes()).toEqual({ 1: 2 })
  await sale.expectInvariants()
})

test("a switch without a mode or to an unknown one, a force that is not a boolean, a freeze of a running mode: each names its field", async () => {
  await sale.api()
  const { skuId } = await sale.sku({ total_stock: 1 })
  const invalid: [object, string][] = [
    [{ mode: "turbo" }, "mode"],
    [{}, "mode"],
    [{ mode: "direct", force: "yes" }, "force"],
    [{ mode: "batch", freeze: true }, "freeze"],
  ]
  for (const [body, field] of invalid) {
    const answer = await sale.steer<{ type: string; errors: { field: string }[] }>("POST", `skus/${skuId}/mode`, body)
    expect(answer).toMatchObject({ status: 422, body: { type: "/problems/validation-failed" } })
    expect(answer.body.errors.map((error) => error.field)).toEqual([field])
  }
  expect(await switchTo(skuId, { mode: "halted", freeze: true, force: true })).toMatchObject({ body: { frozen: true } })
  await sale.expectInvariants()
})
