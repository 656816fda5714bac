import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { relayLagMs, stockHealth } from "../../core/adapters/postgres/sales.ts"
import { flushMetrics } from "../../core/adapters/telemetry.ts"
import { createObserveStock } from "../../lambdas/expiry-sweeper/observe.ts"
import { createObserveQueue } from "../../lambdas/expiry-sweeper/observe-queue.ts"
import { parseEmbeddedMetrics } from "../../local/metrics/embedded-metrics.ts"
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

test("a difference between the counters of a SKU and its rows is counted, of held units at once and of sold ones", async () => {
  const sku = await given.sku({ total_stock: 5 })
  const records = [requestRecord(sku), requestRecord(sku)]
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
  const leaked = async (withSold: boolean) =>
    (await stockHealth(given.reader, 30, withSold)).find(({ skuNo }) => skuNo === sku.skuNo)?.leaked
  const change = (assignment: string) =>
    given.superuser.query(`UPDATE inventory SET ${assignment} WHERE sku_no = $1`, [sku.skuNo])
  expect(await leaked(true)).toBe(0)
  await change("reserved_count = reserved_count + 1")
  expect(await leaked(false)).toBe(1)
  await change("reserved_count = reserved_count - 1, sold_count = sold_count + 1")
  expect([await leaked(false), await leaked(true)]).toEqual([0, 1])
  await change("sold_count = sold_count - 1")
  expect(await leaked(true)).toBe(0)
})

test("a partition of the requests stands still while records wait and its watermark does not move, unless it is frozen", async () => {
  const sku = await given.sku({ total_stock: 5 })
  const { partition } = sku
  const stalled = vi.spyOn(process.stdout, "write")
  const ends = new Map([[partition, 0]])
  let nowMs = 0
  const observe = createObserveQueue({ pool: given.reader, endOffsets: async () => ends, requestsTopic }, () => nowMs)
  const stalledMs = async (atMs: number) => {
    nowMs = atMs
    stalled.mockClear()
    await observe()
    flushMetrics()
    const lines = stalled.mock.calls.flatMap(([chunk]) => parseEmbeddedMetrics(String(chunk)) ?? [])
    return lines.find(({ name }) => name === "queue.stalled")?.values[0]
  }
  const [record] = given.append(partition, [requestRecord(sku)])
  if (record === undefined) throw new Error("No record was made")
  ends.set(partition, record.offset + 1)
  expect([await stalledMs(0), await stalledMs(12_000)]).toEqual([0, 12_000])
  await given.parts().applyCommand(sku.skuNo, { kind: "halt", skuNo: sku.skuNo, freeze: true })
  expect(await stalledMs(20_000)).toBe(0)
  await given.parts().applyCommand(sku.skuNo, { kind: "resume", skuNo: sku.skuNo })
  expect([await stalledMs(21_000), await stalledMs(25_000)]).toEqual([1_000, 5_000])
  await given.parts().writer.write(requestsTopic, partition, [record], longTimeLeftMs)
  expect(await stalledMs(60_000)).toBe(0)
  stalled.mockRestore()
})
