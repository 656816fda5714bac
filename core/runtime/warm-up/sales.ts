import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { createPool } from "../../adapters/postgres/pool.ts"
import { poolLogin, someRole } from "../postgres.ts"

/** A sale in the warm-up database. */
export interface WarmUpSale {
  readonly skuId: string
  readonly skuNo: number
}

/** The sales of one process. */
export interface WarmUpSales {
  /** A topic that no broker knows, with a watermark for partition 0. */
  readonly topic: string
  open(stock: number): Promise<WarmUpSale>
  /** Makes orders of holds, whose payments are not captured yet. The order of a hold has its id. */
  sell(holdIds: readonly string[]): Promise<void>
  /** Removes them with everything that belongs to them. @returns whether no other process has sales there */
  remove(): Promise<boolean>
}

/**
 * Connects to the warm-up database, with any login of the function: the functions of that database make and remove sales with the
 * rights of the owner. @throws PostgreSQL's errors
 */
export async function openWarmUpSales(): Promise<WarmUpSales> {
  const role = someRole()
  const pool: Pool = createPool(await poolLogin(role), { role, size: 1 })
  const topic = `warm-up-${randomUUID()}`
  const skuIds: string[] = []
  return {
    topic,
    async open(stock) {
      const skuId = `${topic}-${skuIds.length}`
      skuIds.push(skuId)
      const { rows } = await pool.query<{ sku_no: number }>("SELECT open_warm_up_sale($1, $2, $3) AS sku_no", [
        skuId,
        topic,
        stock,
      ])
      return { skuId, skuNo: Number(rows[0]?.sku_no) }
    },
    async sell(holdIds) {
      await pool.query("SELECT sell_warm_up_holds($1)", [holdIds])
    },
    async remove() {
      try {
        const { rows } = await pool.query<{ left: string }>("SELECT remove_warm_up_sales($1, $2) AS left", [skuIds, [topic]])
        return rows[0]?.left === "0"
      } finally {
        await pool.end()
      }
    },
  }
}
