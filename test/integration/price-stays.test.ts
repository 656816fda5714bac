import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type GivenDatabase, givenDatabase } from "../sale/given-sale.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())
afterEach(() => given.expectInvariants())

/** As the owner of the tables: no other role may change a product. */
const change = (column: string, value: unknown, skuId: string) =>
  given.superuser.query(`UPDATE products SET ${column} = $1 WHERE sku_id = $2`, [value, skuId])
const priceStays = { code: "FS007" }

describe("the price of a sale", () => {
  test("can be changed while the sale is in draft", async () => {
    const { skuId } = await given.sku({ total_stock: 1, status: "draft" })
    await change("price_minor", 700, skuId)
    await change("currency", "USD", skuId)
    const { rows } = await given.superuser.query("SELECT price_minor::int, currency FROM products WHERE sku_id = $1", [skuId])
    expect(rows).toEqual([{ price_minor: 700, currency: "USD" }])
  })

  test.each(["open", "closed"] as const)("stays once the sale is %s, for every role", async (status) => {
    const { skuId } = await given.sku({ total_stock: 1, status })
    await expect(change("price_minor", 700, skuId)).rejects.toMatchObject(priceStays)
    await expect(change("currency", "USD", skuId)).rejects.toMatchObject(priceStays)
    await change("name", "Another name", skuId)
    await change("price_minor", 500, skuId)
  })

  test("stays once the opening time has passed, although no transaction has opened the sale yet", async () => {
    const { skuId, skuNo } = await given.sku({ total_stock: 1, status: "draft", opens_at: "2099-01-01T00:00:00Z" })
    await change("price_minor", 700, skuId)
    await given.superuser.query("UPDATE inventory SET opens_at = clock_timestamp() - interval '1 second' WHERE sku_no = $1", [
      skuNo,
    ])
    await expect(change("price_minor", 800, skuId)).rejects.toMatchObject(priceStays)
  })

  test("stays when the change of the price began before the opening was committed", async () => {
    const { skuId, skuNo } = await given.sku({ total_stock: 1, status: "draft" })
    const opening = await given.superuser.connect()
    await opening.query("BEGIN")
    await opening.query("UPDATE inventory SET status = 'open' WHERE sku_no = $1", [skuNo])
    const changed = change("price_minor", 700, skuId).then(
      () => "changed",
      ({ code }) => code,
    )
    await expect
      .poll(async () => {
        const { rows } = await given.superuser.query(
          "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE products%'",
        )
        return rows[0].waiting
      })
      .toBe(1)
    await opening.query("COMMIT")
    opening.release()
    expect(await changed).toBe("FS007")
  })

  test("is not changed by selling the SKU as another product", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const renamed = given.transition.query("UPDATE inventory SET sku_id = 'other' WHERE sku_no = $1", [sku.skuNo])
    await expect(renamed).rejects.toMatchObject(priceStays)
  })
})
