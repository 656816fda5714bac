import { afterAll, beforeAll, expect, test } from "vitest"
import { relayLagMs, stockHealth } from "../../core/adapters/postgres/sales.ts"
import { createObserveStock } from "../../lambdas/expiry-sweeper/observe.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

/** A SKU with two held units, of which one was removed: a superuser dropped the constraint and wrote by hand. */
async function oversoldSku() {
  const sku = await given.sku({ total_stock: 2 })
  const records = [requestRecord(sku), requestRecord(sku)]
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
  await given.superuser.query("ALTER TABLE inventory DROP CONSTRAINT IF EXISTS never_oversold")
  await given.superuser.query("UPDATE inventory SET total_stock = 1 WHERE sku_no = $1", [sku.skuNo])
  return sku
}

test("the check that finds an oversold SKU halts it, and no other SKU", async () => {
  const bystander = await given.sku({ total_stock: 1 })
  const sku = await oversoldSku()
  await createObserveStock(given.reader, given.parts().applyCommand)()
  expect(await given.inventory(sku.skuNo)).toMatchObject({ mode: "halted", resume_mode: "batch" })
  expect(await given.inventory(bystander.skuNo)).toMatchObject({ mode: "batch" })
})

test("the check does not halt a halted SKU again, but it halts one that was resumed before its repair", async () => {
  const sku = await oversoldSku()
  const { applyCommand } = given.parts()
  await createObserveStock(given.reader, applyCommand)()
  const { seq } = await given.inventory(sku.skuNo)
  await createObserveStock(given.reader, applyCommand)()
  expect((await given.inventory(sku.skuNo)).seq).toBe(seq)

  await applyCommand(sku.skuNo, { kind: "resume", skuNo: sku.skuNo })
  await createObserveStock(given.reader, applyCommand)()
  expect(await given.inventory(sku.skuNo)).toMatchObject({ mode: "halted" })
})

test("an oversold SKU that cannot be halted does not prevent the halt of the next one", async () => {
  const failing = await oversoldSku()
  const other = await oversoldSku()
  await given.superuser.query(`
    CREATE FUNCTION refuse_failing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'SKU % fails', NEW.sku_no; END $$;
    CREATE TRIGGER refuse_failing BEFORE UPDATE ON inventory FOR EACH ROW WHEN (NEW.sku_no = ${failing.skuNo}) EXECUTE FUNCTION refuse_failing()`)
  const { applyCommand } = given.parts()
  await createObserveStock(given.reader, applyCommand)()
  expect(await given.inventory(other.skuNo)).toMatchObject({ mode: "halted" })
  expect(await given.inventory(failing.skuNo)).toMatchObject({ mode: "batch" })

  await given.superuser.query("DROP TRIGGER refuse_failing ON inventory")
  await createObserveStock(given.reader, applyCommand)()
  expect(await given.inventory(failing.skuNo)).toMatchObject({ mode: "halted" })
})

test("units of holds overdue by more than the grace are counted, others are not", async () => {
  const sku = await given.sku({ total_stock: 1 })
  const records = [requestRecord(sku)]
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
  const overheld = async () => (await stockHealth(given.reader, 30)).find(({ skuNo }) => skuNo === sku.skuNo)?.overheld
  await given.endHolds(sku.skuNo, 20)
  expect(await overheld()).toBe(0)
  await given.endHolds(sku.skuNo, 40)
  expect(await overheld()).toBe(1)
})

test("the age of the oldest unpublished event is measured", async () => {
  expect(await relayLagMs(given.reader)).toBeGreaterThan(0)
  await given.superuser.query("UPDATE event_progress e SET published_seq = i.seq FROM inventory i WHERE i.sku_no = e.sku_no")
  expect(await relayLagMs(given.reader)).toBe(0)
})
