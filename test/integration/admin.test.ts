import { afterAll, beforeAll, expect, test } from "vitest"
import type { SkuStats, Verification } from "../../core/contracts/http/admin.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
})
afterAll(() => sale.close())

const definition = (skuId: string, more: object = {}) => ({
  sku_id: skuId,
  name: "A thing",
  price_minor: 500,
  currency: "EUR",
  total_stock: 10,
  ...more,
})

test("a sale is created in draft, found again, and not created again with another definition", async () => {
  const created = await sale.steer("POST", "skus", definition("created"))
  expect(created).toMatchObject({
    status: 201,
    body: { status: "draft", per_user_limit: 1, hold_seconds: 120, waitlist_limit: 0, max_unpaid_holds: 2 },
  })
  expect(await sale.steer("POST", "skus", definition("created"))).toEqual({ status: 200, body: created.body })
  expect(await sale.steer("POST", "skus", definition("created", { total_stock: 11 }))).toMatchObject({
    status: 409,
    body: { type: "/problems/sku-exists" },
  })
  await sale.expectInvariants()
})

test("twenty creations of one SKU at once create it once; SKUs spread over the partitions", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => sale.steer("POST", "skus", definition("raced"))))
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
  await Promise.all(
    ["spread-1", "spread-2", "spread-3", "spread-4"].map((skuId) => sale.steer("POST", "skus", definition(skuId))),
  )
  const { rows } = await sale.superuser.query<{ skus: number }>(
    "SELECT count(*)::int AS skus FROM inventory GROUP BY partition ORDER BY 1",
  )
  expect(rows).toHaveLength(2)
  expect((rows[1]?.skus ?? 9) - (rows[0]?.skus ?? 0)).toBeLessThanOrEqual(1)
})

test("a sale goes from draft to open to halted and back, and never opens again after it closes", async () => {
  await sale.steer("POST", "skus", definition("steered"))
  expect((await sale.reserve("steered", "early")).body.type).toBe("/problems/sale-not-open")
  expect(await sale.steer("POST", "skus/steered/open")).toMatchObject({ status: 200, body: { status: "open" } })
  expect((await sale.reserve("steered", "first")).status).toBe(201)

  expect(await sale.steer("POST", "skus/steered/halt")).toMatchObject({ body: { status: "halted", mode: "halted" } })
  expect(await sale.reserve("steered", "second")).toMatchObject({ status: 503, body: { type: "/problems/sale-halted" } })
  expect(await sale.steer("POST", "skus/steered/mode", { mode: "batch" })).toMatchObject({
    body: { status: "open", mode: "batch" },
  })
  expect((await sale.reserve("steered", "second")).status).toBe(201)

  expect(await sale.steer("POST", "skus/steered/close")).toMatchObject({ body: { status: "closed" } })
  expect(await sale.reserve("steered", "late")).toMatchObject({ status: 409, body: { type: "/problems/sale-closed" } })
  expect(await sale.steer("POST", "skus/steered/open")).toMatchObject({ status: 409, body: { type: "/problems/sale-closed" } })
  await sale.expectInvariants()
})

test("restock adds and recalls, and never takes what is reserved", async () => {
  await sale.steer("POST", "skus", definition("restocked", { total_stock: 1 }))
  await sale.steer("POST", "skus/restocked/open")
  await sale.reserve("restocked", "alice")
  expect(await sale.steer("POST", "skus/restocked/restock", { quantity: -1 })).toMatchObject({
    status: 409,
    body: { type: "/problems/below-committed" },
  })
  expect(await sale.steer("POST", "skus/restocked/restock", { quantity: 2 })).toMatchObject({
    status: 200,
    body: { total_stock: 3 },
  })
  expect(await sale.steer("POST", "skus/restocked/restock", { quantity: 0 })).toMatchObject({ status: 422 })
  expect((await sale.reserve("restocked", "bob")).status).toBe(201)
  await sale.expectInvariants()
})

test("stats count every decision, by reason", async () => {
  await sale.steer("POST", "skus", definition("counted", { total_stock: 1, waitlist_limit: 1 }))
  await sale.steer("POST", "skus/counted/open")
  await sale.reserve("counted", "alice")
  await sale.reserve("counted", "alice", { key: "another-key" })
  await sale.reserve("counted", "bob", { join_waitlist: true })
  const { body } = await sale.steer<SkuStats>("GET", "skus/counted/stats")
  expect(body).toMatchObject({
    total: 1,
    available: 0,
    reserved: 1,
    sold: 0,
    waitlisted: 1,
    backlog: 0,
    decisions: { reserved: 1, waitlisted: 1, refused: { "user-limit-reached": 1 } },
  })
  expect(await sale.steer("GET", "skus/nowhere/stats")).toMatchObject({ status: 404, body: { type: "/problems/sku-not-found" } })
})

test("backlog counts the records of its SKU only, or is unknown; the partition has a field of its own", async () => {
  const own = await runningSale()
  try {
    await own.api()
    // Two partitions: the third SKU shares the first one's.
    const [alone, other, sharing] = [
      await own.sku({ total_stock: 5 }),
      await own.sku({ total_stock: 5 }),
      await own.steer("POST", "skus", definition("sharing")).then(() => "sharing"),
    ]
    const stats = async (skuId: string) => {
      const { backlog, partition_backlog } = (await own.steer<SkuStats>("GET", `skus/${skuId}/stats`)).body
      return { backlog, partition_backlog }
    }
    const queue = (skuId: string, subject: string) => own.reserve(skuId, subject, { prefer: "respond-async" })
    await Promise.all(["ann", "ben"].map((subject) => queue(alone.skuId, subject)))
    // A SKU in draft has nothing in the queue.
    expect(await stats(alone.skuId)).toEqual({ backlog: 2, partition_backlog: 2 })
    expect(await stats(other.skuId)).toEqual({ backlog: 0, partition_backlog: 0 })
    await own.steer("POST", "skus/sharing/open")
    await queue(sharing, "cem")
    for (const skuId of [alone.skuId, sharing]) expect(await stats(skuId)).toEqual({ backlog: null, partition_backlog: 3 })
    expect((await own.ops("stats", sharing)).output).toMatch(/backlog\s+not known\npartition_backlog\s+3/)
    await own.writer()
    await own.queueIsDecided(3)
    for (const skuId of [alone.skuId, other.skuId, sharing]) {
      expect(await stats(skuId)).toEqual({ backlog: 0, partition_backlog: 0 })
    }
    await own.expectInvariants()
  } finally {
    await own.close()
  }
})

test("times are accepted with an offset and answered in UTC; the same moment in another offset is the same definition", async () => {
  const times = (opens_at: string, closes_at: string) => definition("timed", { opens_at, closes_at })
  const created = await sale.steer("POST", "skus", times("2030-03-01T11:00:00+02:00", "2030-03-01t10:00:00.5z"))
  expect(created).toMatchObject({
    status: 201,
    body: { opens_at: "2030-03-01T09:00:00.000Z", closes_at: "2030-03-01T10:00:00.500Z" },
  })
  const again = await sale.steer("POST", "skus", times("2030-03-01T03:30:00-05:30", "2030-03-01T12:00:00.500+02:00"))
  expect(again).toEqual({ status: 200, body: created.body })
  expect(await sale.steer("POST", "skus", times("2030-03-01T09:00:01Z", "2030-03-01T10:00:00.500Z"))).toMatchObject({
    status: 409,
  })
  const cli = await sale.ops("--json", "sale", "create", "timed-cli", "--stock", "1", "--opens-at", "2030-03-01T11:00:00+02:00")
  expect(cli.output).toContain('"opens_at":"2030-03-01T09:00:00.000Z"')
})

test("verify lists the invariants that hold and those that are broken", async () => {
  expect((await sale.steer<Verification>("GET", "verify")).body.ok).toBe(true)
  await sale.superuser.query("UPDATE inventory SET refused_invalid = 7 WHERE sku_id = 'counted'")
  const { body } = await sale.steer<Verification>("GET", "verify")
  expect(body.ok).toBe(false)
  expect(body.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["counters"])
  await sale.superuser.query("UPDATE inventory SET refused_invalid = 0 WHERE sku_id = 'counted'")
})

test("the CLI creates, changes, watches and verifies a sale, and exits with an error if the sale does not verify", async () => {
  expect(await sale.ops("sale", "create", "by-cli", "--stock", "5", "--limit", "2", "--waitlist", "1")).toMatchObject({
    exitCode: 0,
  })
  expect((await sale.ops("sale", "open", "by-cli")).output).toMatch(/status\s+open/)
  expect((await sale.ops("--json", "sale", "restock", "by-cli", "3")).output).toContain('"total_stock":8')
  expect(
    (await sale.ops("watch", "by-cli", "--rounds", "2", "--interval", "10")).output
      .split("\n")
      .filter((line) => line.includes("open")),
  ).toHaveLength(2)
  expect(await sale.ops("sale", "open", "nowhere")).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining("There is no such SKU"),
  })
  await until(async () => (await sale.ops("verify-sale")).exitCode === 0)
  await sale.superuser.query(
    "UPDATE ledger SET amount = amount + 1 WHERE seq = 1 AND sku_no = (SELECT sku_no FROM inventory WHERE sku_id = 'by-cli')",
  )
  expect(await sale.ops("verify-sale")).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining("was changed after it was written"),
  })
})
