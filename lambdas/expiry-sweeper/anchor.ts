import type { Pool } from "pg"
import type { PutObject } from "../../core/adapters/archive/bucket.ts"
import readHeads from "../../core/adapters/postgres/statements/read-heads.sql"

/** The one object, of which every version is kept. */
export const headsObject = "heads.json"

interface Head {
  readonly sku_no: number
  readonly seq: number
  readonly head_hash: string
  readonly read_at: Date
}

/** Writes the heads of the ledger where nobody can change them: who rewrites history here no longer agrees with what lies there. */
export async function anchorHeads(pool: Pool, put: PutObject): Promise<void> {
  const { rows } = await pool.query<Head>(readHeads)
  const [first] = rows
  if (first === undefined) return
  const heads = rows.map(({ sku_no, seq, head_hash }) => ({ sku_no, seq, head_hash }))
  await put(headsObject, JSON.stringify({ read_at: first.read_at, heads }))
}
