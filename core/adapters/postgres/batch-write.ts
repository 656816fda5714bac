import type { QueryResult } from "pg"
import type { Allocation, Decision } from "../../domain/decide.ts"
import { type Instant, outcomeCodes, type RefusalReason, refusalReasons } from "../../domain/reservation.ts"
import { type SaleStatus, saleStatusChangesAt } from "../../domain/sale.ts"
import type { SkuChanges } from "../../domain/sku-changes.ts"
import { instantArray, int2Array, int4Array, int8Array, uuidArray } from "./binary-arrays.ts"
import type { Loaded, Row, Scope, Send } from "./sale-load.ts"

const digestBytes = 32
const noDigest = Buffer.alloc(digestBytes)

/** How a batch stands to the state it was decided for: `loaded` under locks still held, or `assumed`, for the server to lock and check. */
export type Footing = "loaded" | "assumed"

/**
 * Writes what a batch decided, what that grants and where the line is now, in one statement, which answers with the moment of the decision.
 * @param loaded the state the batch was decided for
 */
export function sendBatch(
  send: Send,
  { watermark }: Scope,
  nextOffset: number,
  { answers, changes }: Allocation,
  loaded: Loaded,
  footing: Footing,
): Promise<QueryResult<Row>> {
  return send("writeBatch", [
    watermark?.topic ?? null,
    watermark?.partition ?? null,
    watermark?.expected ?? null,
    nextOffset,
    footing === "loaded" ? loaded.now : null,
    ...salesOf(changes, loaded),
    ...decisionsOf(changes),
    ...newHoldersOf(changes),
    refusedUsers(footing === "assumed" ? answers : []),
  ])
}

function salesOf(changes: readonly SkuChanges[], { state, now }: Loaded): (Buffer | (SaleStatus | undefined)[])[] {
  const before = changes.map(({ skuNo }) => state.skus.get(skuNo))
  const decided = changes.map(({ entries }) => entries.find(({ kind }) => kind === "decided"))
  return [
    int4Array(changes.map(({ skuNo }) => skuNo)),
    int4Array(changes.map(({ seq }, index) => (decided[index] ? seq - 1 : seq))),
    before.map((sale) => sale?.status),
    int4Array(before.map((sale) => (sale ? sale.balances.total - sale.balances.reserved - sale.balances.sold : 0))),
    int4Array(before.map((sale) => sale?.balances.waitlisted ?? 0)),
    instantArray(before.map((sale) => sale && saleStatusChangesAt(sale, now))),
    int8Array(decided.map((entry) => entry?.firstOffset)),
    int8Array(decided.map((entry) => entry?.lastOffset)),
    int4Array(decided.map((entry) => entry?.reservedDelta ?? 0)),
    Buffer.concat(decided.map((entry) => entry?.digest ?? noDigest)),
    int4Array(changes.flatMap(({ tally }) => counted.map((what) => tally[what] ?? 0))),
  ]
}

/** What is counted, in the order of the statement's counters. */
const counted = ["reserved", "waitlisted", ...refusalReasons, "duplicates", "conflicts"] as const

function decisionsOf(changes: readonly SkuChanges[]): Buffer[] {
  const decisions = changes.flatMap((change) => change.decisions)
  return [
    int2Array(changes.flatMap((change, index) => change.decisions.map(() => index + 1))),
    int2Array(decisions.map(({ ord }) => ord)),
    int2Array(decisions.map(({ outcome }) => outcomeCodes[outcome])),
    int4Array(decisions.map(({ quantity }) => quantity)),
    uuidArray(decisions.map(({ id }) => id)),
    uuidArray(decisions.map(({ userId }) => userId)),
    int4Array(decisions.map(({ owner }) => owner)),
    int4Array(decisions.map(({ bodyHash }) => bodyHash)),
  ]
}

/** First units are inserted, never added: a row that is there already is a 23505, and nothing is overwritten. */
function newHoldersOf(changes: readonly SkuChanges[]): Buffer[] {
  const holders = changes.flatMap(({ newHolders, holdings }, index) =>
    [...newHolders].map((userId) => ({ sale: index + 1, userId, units: holdings.get(userId) ?? 0 })),
  )
  return [
    int2Array(holders.map(({ sale }) => sale)),
    uuidArray(holders.map(({ userId }) => userId)),
    int4Array(holders.map(({ units }) => units)),
  ]
}

/** The one refusal that units of an earlier batch would have turned into another: the limit is looked at before the stock. */
const hangsOnHoldings: RefusalReason = "sold-out"

const refusedUsers = (answers: readonly Decision[]): Buffer =>
  uuidArray(
    answers
      .filter(({ repeated, reservation }) => !repeated && reservation.outcome === hangsOnHoldings)
      .map(({ request }) => request.userId),
  )

/** What the server made of a batch that was decided for an assumed state: when, and how each of its sales is now. */
export interface Written {
  readonly decidedAt: Instant
  /** In the order of the batch's changes. */
  readonly sales: readonly { readonly seq: number; readonly total: number; readonly reserved: number; readonly sold: number }[]
}

export function writtenOf({ rows }: QueryResult<Row>): Written {
  const row = rows[0] as unknown as { decided_at: number; seqs: number[]; totals: number[]; reserved: number[]; sold: number[] }
  const sales = row.seqs.map((seq, index) => ({
    seq,
    total: row.totals[index] ?? 0,
    reserved: row.reserved[index] ?? 0,
    sold: row.sold[index] ?? 0,
  }))
  return { decidedAt: row.decided_at, sales }
}
