import { afterAll, beforeAll, expect, test } from "vitest"
import { maxClockStepBack } from "../../core/domain/sale.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

/** A sale that opens so long from now by PostgreSQL's clock. */
async function opensIn(seconds: number) {
  const sku = await given.sku({ total_stock: 5, status: "draft" })
  await given.superuser.query("UPDATE inventory SET opens_at = clock_timestamp() + make_interval(secs => $2) WHERE sku_no = $1", [
    sku.skuNo,
    seconds,
  ])
  return sku
}
const outcomeOf = async ({ id }: { id: string }) => (await given.rows([id])).get(id)?.outcome

test("a request that is early because PostgreSQL's clock stepped back waits for the opening, and its key is not refused", async () => {
  const sku = await opensIn(1.5)
  const early = requestRecord(sku)
  const { writer } = given.parts()
  const delivered = given.append(sku.partition, [early])
  expect(await writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
  expect(await outcomeOf(early)).toBe(1)
  const { rows } = await given.superuser.query(
    "SELECT min(l.at) >= min(i.opens_at) AS in_time FROM ledger l JOIN inventory i USING (sku_no) WHERE sku_no = $1 AND kind = 'decided'",
    [sku.skuNo],
  )
  expect(rows).toEqual([{ in_time: true }])
  await given.expectInvariants()
})

test("an invocation without time to wait leaves the batch undecided for the redelivery", async () => {
  const sku = await opensIn(2.5)
  const early = requestRecord(sku)
  const { writer } = given.parts()
  const delivered = given.append(sku.partition, [early])
  const offset = delivered[0]?.offset
  expect(await writer.write(requestsTopic, sku.partition, delivered, () => 100)).toMatchObject({
    kind: "stopped",
    firstUnprocessed: offset,
  })
  expect(await outcomeOf(early)).toBeUndefined()
  expect(await writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
  expect(await outcomeOf(early)).toBe(1)
  await given.expectInvariants()
})

test("a request far before the opening delays no other: it is refused at once", async () => {
  const sku = await opensIn(10 + maxClockStepBack / 1_000_000)
  const early = requestRecord(sku)
  const delivered = given.append(sku.partition, [early])
  expect(await given.parts().writer.write(requestsTopic, sku.partition, delivered, () => 0)).toEqual({ kind: "written" })
  expect(await outcomeOf(early)).toBe(13)
  await given.expectInvariants()
})
