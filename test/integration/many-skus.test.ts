import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { AdminSkuList } from "../../core/contracts/http/admin.ts"
import type { SkuList } from "../../core/contracts/http/skus.ts"
import { maxRestedPerStep } from "../../core/workflows/allocation/warm-redis.ts"
import { idleSkus } from "../sale/idle-skus.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"

const skus = 5_000
/** The check of the workflow before it deploys. */
const openSales = new URL("../../.github/open-sales.sh", import.meta.url)
/** After a loss of Redis the selling sale is complete again within this time, for any number of other sales. */
const wholeAgainMs = 10_000

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await idleSkus(sale.superuser, skus)
  // More than can come to rest in one step. The sweeper does not know yet that nothing happens in them.
  await sale.superuser.query("UPDATE inventory SET resting_since = NULL WHERE sku_no <= $1", [maxRestedPerStep + 100])
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
  await sale.steer("POST", "skus", newest)
  await sale.steer("POST", `skus/${newest.sku_id}/open`)
})
afterAll(() => sale.close())

const newest = { sku_id: "the-newest", name: "A thing", price_minor: 500, currency: "EUR", total_stock: 2 }
const expectedNames = () => [...Array.from({ length: skus }, (_, index) => `idle-${index + 1}`), newest.sku_id]

/** Follows `next` to the end; a callback runs before each page but the first. */
async function walk<List extends SkuList | AdminSkuList>(path: string, between = async () => {}) {
  const items: List["items"][number][] = []
  for (let cursor = ""; ; await between()) {
    const { status, body } = await sale.call<List>("GET", path + cursor, { sub: "operator", scope: "sales:admin" })
    expect(status).toBe(200)
    items.push(...body.items)
    if (body.next === null) return items
    cursor = `&cursor=${body.next}`
  }
}
const names = (items: readonly { readonly sku_id: string }[]) => items.map(({ sku_id }) => sku_id)
const inMotion = async () =>
  (await sale.superuser.query<{ sku_id: string }>("SELECT sku_id FROM inventory WHERE resting_since IS NULL")).rows

test("the catalogue has every SKU once, the newest too, and stays the same while SKUs are created", async () => {
  let created = 0
  const create = async () => {
    created += 1
    await sale.steer("POST", "skus", { ...newest, sku_id: `created-${created}` })
  }
  const items = await walk<SkuList>("/v1/skus?limit=1000", create)
  expect(names(items)).toEqual([...expectedNames(), ...Array.from({ length: created }, (_, index) => `created-${index + 1}`)])
  const { body } = await sale.call<SkuList>("GET", "/v1/skus", { sub: "anyone" })
  expect(names(body.items)).toEqual(expectedNames().slice(0, 100))
  await sale.expectInvariants()
})

test("the administrator's list has every SKU with its units, or the SKUs of one status, over HTTP and by the CLI", async () => {
  const all = await walk<AdminSkuList>("/v1/admin/skus?limit=1000")
  expect(names(all).slice(0, skus + 1)).toEqual(expectedNames())
  expect(all[0]).toMatchObject({
    status: "open",
    mode: "batch",
    total_stock: 5,
    available: 5,
    reserved: 0,
    sold: 0,
    waitlisted: 0,
  })
  const closed = await walk<AdminSkuList>("/v1/admin/skus?limit=999&status=closed")
  expect(closed).toHaveLength(skus / 2)
  expect(new Set(closed.map(({ status }) => status))).toEqual(new Set(["closed"]))

  const listed = await sale.ops("--json", "sale", "list", "--all", "--status", "open", "--limit", "1000")
  expect(listed.exitCode, listed.output).toBe(0)
  expect(names((JSON.parse(listed.output) as AdminSkuList).items)).toEqual(names(all.filter(({ status }) => status === "open")))
  const page = await sale.ops("sale", "list", "--limit", "2")
  expect(page.output).toMatch(/^sku_id .*\nidle-1 .*\nidle-2 .*\nthere are more SKUs: use --all, or --cursor \S+\n$/)
})

test("a deployment finds each open sale, on any page", async () => {
  const { stdout } = await promisify(execFile)(fileURLToPath(openSales), [sale.url()])
  const open = stdout.trim().split("\n")
  expect(open).toHaveLength(skus / 2 + 1)
  expect(open).toContain(newest.sku_id)
  await expect(promisify(execFile)(fileURLToPath(openSales), ["http://127.0.0.1:9"])).rejects.toThrow()
})

test("a process that has not seen the newest SKU answers a status read of it", async () => {
  const { status, body } = await sale.reserve(newest.sku_id, "early")
  expect(status).toBe(201)
  await sale.api()
  expect(await sale.get(`/v1/reservations/${body.reservation_id}`, "early")).toMatchObject({
    status: 200,
    body: { sku_id: newest.sku_id, status: "RESERVED" },
  })
  await sale.expectInvariants()
})

test("the sweeper puts idle sales to rest, in steps, and does not touch the selling sale", async () => {
  const moving = await until(async () => {
    const rows = await inMotion()
    return rows.every(({ sku_id }) => !sku_id.startsWith("idle-")) && rows
  })
  expect(names(moving)).toContain(newest.sku_id)
})

test("a shopper without a hold gets not-found, also after a loss of Redis; the selling sale is complete again within seconds", async () => {
  const ofNobody = `/v1/reservations/${randomUUID()}`
  const notFound = () => until(async () => (await sale.get(ofNobody, "nobody")).status === 404)
  await notFound()
  await sale.redis.flushdb()
  expect((await sale.get(ofNobody, "nobody")).status).toBe(503)
  const sinceMs = performance.now()
  await notFound()
  await sale.reserve(newest.sku_id, "second")
  // Both units are held: admission refuses the next request once the sale is loaded.
  await until(async () => {
    const { status, body } = await sale.reserve(newest.sku_id, randomUUID())
    return status === 409 && !body.decided
  })
  const ms = performance.now() - sinceMs
  console.log(`with ${skus} idle SKUs the sale that sells was whole again after ${Math.round(ms)} ms`)
  expect(ms).toBeLessThan(wholeAgainMs)
  await sale.expectInvariants()
})
