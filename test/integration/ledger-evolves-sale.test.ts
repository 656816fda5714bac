import { afterAll, beforeAll, expect, test } from "vitest"
import type { SaleCommand } from "../../core/domain/decide.ts"
import { evolve } from "../../core/domain/evolve.ts"
import type { SkuSale } from "../../core/domain/sale.ts"
import { type GivenDatabase, givenDatabase } from "../sale/given-sale.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

/*
 * Two programs apply an entry to a sale: TypeScript (evolve) and SQL (change-sale, append_ledger). Here both carry out
 * every command that changes a sale, and the results must be equal.
 */
test("a sale that evolves by its new ledger entries is the sale that PostgreSQL has after the transaction", async () => {
  const { skuNo } = await given.sku({ total_stock: 5, status: "draft" })
  const { transact } = given.parts()
  const run = (command: SaleCommand) => transact({ skuNos: [skuNo], ids: [], holders: [] }, () => ({ command }))
  const commands: SaleCommand[] = [
    { kind: "open", skuNo },
    { kind: "restock", skuNo, quantity: 3 },
    { kind: "switch", skuNo, mode: "direct" },
    { kind: "halt", skuNo },
    { kind: "halt", skuNo, freeze: true },
    { kind: "resume", skuNo },
    { kind: "halt", skuNo, freeze: true },
    { kind: "switch", skuNo, mode: "batch" },
    { kind: "close", skuNo },
  ]
  let evolved: SkuSale | undefined
  for (const command of [...commands, { kind: "expire" } as const]) {
    const { allocation, loaded } = await run(command)
    const before = loaded.state.skus.get(skuNo)
    if (evolved !== undefined) expect(before).toEqual(evolved)
    const entries = allocation.changes.flatMap((changes) => changes.entries)
    expect(entries).toHaveLength(command.kind === "expire" ? 0 : 1)
    evolved = entries.reduce((sale, entry) => evolve(sale, entry, loaded.now), before as SkuSale)
  }
})
