import type { QueryResult } from "pg"
import { chosenBatchSize } from "../../domain/batch-size.ts"
import type { Allocation, Decision } from "../../domain/decide.ts"
import { type Instant, outcomeCodes, type RefusalReason, refusalReasons } from "../../domain/reservation.ts"
import { saleStatusChangesAt } from "../../domain/sale.ts"
import type { SkuChanges } from "../../domain/sku-changes.ts"
import type { Row } from "./rows.ts"
import type { Loaded, Scope } from "./sale-load.ts"
import type { Send, TransitionValues } from "./statements.ts"

const digestBytes = 32
const noDigest = Buffer.alloc(digestBytes)

/**
 * The state that a batch was decided for: `loaded` under locks that are still held, or `assumed`, for the server to lock and
 * check.
 */
export type Basis = "loaded" | "assumed"

type BatchValues = TransitionValues<"writeBatch">
type SaleValues = Pick<
  BatchValues,
  | "sku_nos"
  | "seqs"
  | "statuses"
  | "available"
  | "waitlisted"
  | "until"
  | "first_offsets"
  | "last_offsets"
  | "units"
  | "digests"
  | "counters"
>
type DecisionValues = Pick<
  BatchValues,
  "sales" | "ords" | "outcomes" | "quantities" | "ids" | "user_ids" | "owners" | "body_hashes"
>
type HolderValues = Pick<BatchValues, "holder_sales" | "holders" | "holder_units">

/**
 * Writes the decisions of a batch, what they grant, and the new watermark, in one statement, which returns the moment of the
 * decision.
 * @param loaded the state that the batch was decided for
 */
export function sendBatch(
  send: Send,
  { watermark }: Scope,
  nextOffset: number,
  { answers, changes }: Allocation,
  loaded: Loaded,
  basis: Basis,
): Promise<QueryResult<Row>> {
  return send("writeBatch", {
    topic: watermark?.topic,
    partition: watermark?.partition,
    expected: watermark?.expected,
    next_offset: nextOffset,
    now: basis === "loaded" ? loaded.now : null,
    ...salesOf(changes, loaded),
    ...decisionsOf(changes),
    ...newHoldersOf(changes),
    refused_users: basis === "assumed" ? refusedUsers(answers) : [],
  })
}

function salesOf(changes: readonly SkuChanges[], { state, now }: Loaded): SaleValues {
  const before = changes.map(({ skuNo }) => state.skus.get(skuNo))
  const decided = changes.map(({ entries }) => entries.find(({ kind }) => kind === "decided"))
  return {
    sku_nos: changes.map(({ skuNo }) => skuNo),
    seqs: changes.map(({ seq }, index) => (decided[index] ? seq - 1 : seq)),
    statuses: before.map((sale) => sale?.status),
    available: before.map((sale) => (sale ? sale.balances.total - sale.balances.reserved - sale.balances.sold : 0)),
    waitlisted: before.map((sale) => sale?.balances.waitlisted ?? 0),
    until: before.map((sale) => sale && saleStatusChangesAt(sale, now)),
    first_offsets: decided.map((entry) => entry?.firstOffset),
    last_offsets: decided.map((entry) => entry?.lastOffset),
    units: decided.map((entry) => entry?.reservedDelta ?? 0),
    digests: Buffer.concat(decided.map((entry) => entry?.digest ?? noDigest)),
    counters: changes.flatMap(({ tally }) => counted.map((what) => tally[what] ?? 0)),
  }
}

/** What is counted, in the order of the statement's counters. */
const counted = ["reserved", "waitlisted", ...refusalReasons, "duplicates", "conflicts"] as const

function decisionsOf(changes: readonly SkuChanges[]): DecisionValues {
  const decisions = changes.flatMap((change) => change.decisions)
  return {
    sales: changes.flatMap((change, index) => change.decisions.map(() => index + 1)),
    ords: decisions.map(({ ord }) => ord),
    outcomes: decisions.map(({ outcome }) => outcomeCodes[outcome]),
    quantities: decisions.map(({ quantity }) => quantity),
    ids: decisions.map(({ id }) => id),
    user_ids: decisions.map(({ userId }) => userId),
    owners: decisions.map(({ owner }) => owner),
    body_hashes: decisions.map(({ bodyHash }) => bodyHash),
  }
}

/** First units are inserted, never added: a row that exists already is a 23505, and nothing is overwritten. */
function newHoldersOf(changes: readonly SkuChanges[]): HolderValues {
  const holders = changes.flatMap(({ newHolders, holdings }, index) =>
    [...newHolders].map((userId) => ({ sale: index + 1, userId, units: holdings.get(userId) ?? 0 })),
  )
  return {
    holder_sales: holders.map(({ sale }) => sale),
    holders: holders.map(({ userId }) => userId),
    holder_units: holders.map(({ units }) => units),
  }
}

/** The one refusal that units of an earlier batch would change into another: `decide` checks the limit before the stock. */
const dependsOnHoldings: RefusalReason = "sold-out"

const refusedUsers = (answers: readonly Decision[]): string[] =>
  answers
    .filter(({ repeated, reservation }) => !repeated && reservation.outcome === dependsOnHoldings)
    .map(({ request }) => request.userId)

/**
 * What the server wrote of a batch that was decided for an assumed state: the moment of the decision, and each of its sales now.
 */
export interface Written extends ChosenSize {
  readonly decidedAt: Instant
  /** From the arrival of the statement to the moment of the decision, which is read under the locks. */
  readonly lockWaitMs: number
  /** In the order of the batch's changes. */
  readonly sales: readonly { readonly seq: number; readonly total: number; readonly reserved: number; readonly sold: number }[]
}

/** Records of a batch as operators chose it; absent when they did not, and after a transaction without a watermark. */
export interface ChosenSize {
  readonly chosenBatchRecords?: number
}

/** What operators chose for the next batches, as the answer of `sendBatch` has it. */
export function chosenBatchRecordsOf({ rows }: QueryResult<Row>): ChosenSize {
  const chosenBatchRecords = chosenBatchSize(rows[0]?.batch_size)
  return chosenBatchRecords === undefined ? {} : { chosenBatchRecords }
}

interface WrittenRow {
  decided_at: number
  lock_wait_ms: number
  seqs: number[]
  totals: number[]
  reserved: number[]
  sold: number[]
}

export function writtenOf(result: QueryResult<Row>): Written {
  const row = result.rows[0] as unknown as WrittenRow
  const sales = row.seqs.map((seq, index) => ({
    seq,
    total: row.totals[index] ?? 0,
    reserved: row.reserved[index] ?? 0,
    sold: row.sold[index] ?? 0,
  }))
  return { decidedAt: row.decided_at, lockWaitMs: Math.max(0, row.lock_wait_ms), sales, ...chosenBatchRecordsOf(result) }
}
