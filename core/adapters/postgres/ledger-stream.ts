import type { PoolClient } from "pg"
import type { Reservation } from "../../domain/reservation.ts"
import { type Row, reservationOf } from "./rows.ts"
import verifyDecisions from "./statements/verify-decisions.sql"
import verifyLedger from "./statements/verify-ledger.sql"

/** Rows fetched at a time: the memory of a verification does not grow with the sale. */
const fetchRows = 2_000

/** A ledger entry as it is stored; `chained` says whether its stored hash is the hash of the entry. */
export interface LedgerRow {
  readonly skuNo: number
  readonly seq: number
  readonly kind: string
  readonly total: number
  readonly reserved: number
  readonly sold: number
  readonly digest: Buffer | null
  readonly prevHash: Buffer
  readonly hash: Buffer
  readonly chained: boolean
}

/** Streams the ledger in order, SKU by SKU. */
export async function* ledgerRows(client: PoolClient): AsyncGenerator<LedgerRow> {
  for await (const row of cursor<Row>(client, "ledger_rows", verifyLedger)) {
    yield {
      skuNo: Number(row.sku_no),
      seq: Number(row.seq),
      kind: String(row.kind),
      total: Number(row.total_after),
      reserved: Number(row.reserved_after),
      sold: Number(row.sold_after),
      digest: row.digest as unknown as Buffer | null,
      prevHash: row.prev_hash as unknown as Buffer,
      hash: row.hash as unknown as Buffer,
      chained: row.chained as unknown as boolean,
    }
  }
}

/** Streams the decisions in the order of the ledger entries they belong to, one group an entry. */
export async function* decisionGroups(
  client: PoolClient,
): AsyncGenerator<{ skuNo: number; seq: number; decisions: Reservation[] }> {
  let group: { skuNo: number; seq: number; decisions: Reservation[] } | undefined
  for await (const row of cursor<Row>(client, "decision_rows", verifyDecisions)) {
    const decision = reservationOf(row)
    if (group && group.skuNo === decision.skuNo && group.seq === decision.seq) group.decisions.push(decision)
    else {
      if (group) yield group
      group = { skuNo: decision.skuNo, seq: decision.seq, decisions: [decision] }
    }
  }
  if (group) yield group
}

/** A server-side cursor inside the transaction the caller has begun. */
async function* cursor<T extends Row>(client: PoolClient, name: string, query: string): AsyncGenerator<T> {
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${query}`)
  for (;;) {
    const { rows } = await client.query<T>(`FETCH ${fetchRows} FROM ${name}`)
    yield* rows
    if (rows.length < fetchRows) break
  }
  await client.query(`CLOSE ${name}`)
}
