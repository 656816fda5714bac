import type { Pool } from "pg"
import { integer, nullable, text } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readSkuNumbersText from "./statements/read-sku-numbers.sql"

const readSkuNumbers = statement(readSkuNumbersText, { sku_id: nullable(text), limit: integer })

/** A SKU with the number that the keys of Redis and the ledger have. */
export interface SkuNumber {
  readonly sku_id: string
  readonly sku_no: number
}

/** The SKUs whose sales are not at rest, the newest first; or one SKU, in any state. @throws PostgreSQL's errors */
export async function skuNumbers(pool: Pool, { skuId, limit }: { skuId?: string; limit: number }): Promise<SkuNumber[]> {
  const { rows } = await pool.query<SkuNumber>(readSkuNumbers({ sku_id: skuId ?? null, limit }))
  return rows
}
