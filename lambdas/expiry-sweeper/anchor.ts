import type { Pool } from "pg"
import type { PutObject } from "../../core/adapters/archive/bucket.ts"
import readHeads from "../../core/adapters/postgres/statements/read-heads.sql"

/** The object that holds the heads. The bucket keeps every version of it. */
export const headsObject = "heads.json"

interface Head {
  readonly sku_no: number
  readonly seq: number
  readonly head_hash: string
  readonly read_at: Date
}

/** Writes the heads of the ledger to storage that nobody can change. A ledger that is rewritten later no longer matches them. */
export async function anchorHeads(pool: Pool, put: PutObject): Promise<void> {
  const { rows } = await pool.query<Head>(readHeads)
  const [first] = rows
  if (first === undefined) return
  const heads = rows.map(({ sku_no, seq, head_hash }) => ({ sku_no, seq, head_hash }))
  await put(headsObject, JSON.stringify({ read_at: first.read_at, heads }))
}
