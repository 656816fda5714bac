import { afterEach, beforeEach, expect, test } from "vitest"
import { type RunningSale, runningSale } from "../sale/running-sale.ts"

let sale: RunningSale
beforeEach(async () => {
  sale = await runningSale()
  await sale.writer()
})
afterEach(() => sale.close())

test.each([
  ["between admission and the queue", "admitted"],
  ["between the queue and the answer", "produced"],
])("an API killed %s: the retry with the same key gets the one decision", async (_, point) => {
  const sku = await sale.sku({ total_stock: 1 })
  const failpoint = sale.failpoint(`reserve:${point}`)
  const api = await sale.api(failpoint.variables)
  const lost = sale.reserve(sku.skuId, "alice").then(
    () => "answered",
    () => "cut off",
  )
  await failpoint.reached()
  api.signal("SIGKILL")
  expect(await lost).toBe("cut off")
  failpoint.release()
  await sale.api()
  const retry = await sale.reserve(sku.skuId, "alice")
  expect(retry).toMatchObject({ status: 201, body: { status: "RESERVED", decided: true } })
  expect((await sale.reserve(sku.skuId, "bob")).status).toBe(409)
  expect(await sale.outcomes()).toMatchObject({ 1: 1 })
  await sale.expectInvariants()
})
