import type { QueryResult } from "pg"
import type { EarlierUse, KeyedCommand } from "../../domain/keyed-command.ts"
import type { Instant } from "../../domain/reservation.ts"
import {
  type Holding,
  maxOverduePerTransaction,
  maxWaitersPerTransaction,
  type OrderFacts,
  type OrderStatus,
  type OverdueHold,
  type RefundFacts,
  type RefundState,
  type SaleState,
  type Waiter,
} from "../../domain/sale.ts"
import { type Row, reservationOf, skuSale } from "./rows.ts"
import type { Send } from "./statements.ts"

/** What a transaction concerns: the locks that it takes and what it loads under them. */
export interface Scope {
  readonly skuNos: readonly number[]
  /** Reservations whose present state the command needs. */
  readonly ids: readonly string[]
  /** Users whose holdings the command needs. */
  readonly holders: readonly { readonly skuNo: number; readonly userId: string }[]
  /**
   * What the command may free, so that enough waitlist entries are loaded: units (below 0 for a recall), or those of a
   * reservation or order.
   */
  readonly frees?: { readonly units?: number; readonly reservationId?: string; readonly orderId?: string }
  /** The orders a payment command names. */
  readonly orderIds?: readonly string[]
  /** The refund that a refund command names. */
  readonly refundId?: string
  /** Set by the single writer: the watermark it expects, locked before anything else. */
  readonly watermark?: { readonly topic: string; readonly partition: number; readonly expected: number }
  /**
   * A SKU whose partition is locked first: no batch of it is under way when the transaction commits, and the next one sees the
   * commit.
   */
  readonly partitionOf?: number
  /** Set by a command with an idempotency key, whose earlier use is read under the locks. */
  readonly keyed?: KeyedCommand
}

/** The state of the sales, read after their locks were taken. */
export interface Loaded {
  readonly state: SaleState
  readonly skuIds: ReadonlyMap<number, string>
  readonly now: Instant
  /** Reservations whose hold was extended for an outage before anything else was read. */
  readonly extended: readonly string[]
  /** How the command's idempotency key was used before; absent for a new one. */
  readonly earlierUse?: EarlierUse
  /**
   * By SKU a ledger sequence after which no earlier transaction decided requests: Redis must show all decisions up to there, and
   * no more.
   */
  readonly decidedSeqs: ReadonlyMap<number, number>
}

/** Ledger entries that are searched for the last decisions of a SKU: as a rule fewer payments stand between two decisions. */
const entriesLookedThrough = 64

/** The statements that load the state, in the order in which they are sent. */
type LoadName =
  | "lockPartition"
  | "lockSkuPartition"
  | "extendHolds"
  | "lockInventory"
  | "loadDecided"
  | "loadHoldings"
  | "loadOverdue"
  | "loadWaiting"
  | "loadOrders"
  | "loadRefund"
  | "findCommand"
  | "readClock"

/** What was sent, by the name of its statement. */
export type SentLoad = { readonly [Name in LoadName]?: Promise<QueryResult<Row>> }

/** The first flush: locks in the one order, then loads, each statement with a snapshot of its own from after the locks. */
export function sendLoad(send: Send, scope: Scope): SentLoad {
  const { skuNos: sku_nos, watermark, partitionOf, orderIds, refundId, keyed, frees = {} } = scope
  return {
    ...(watermark && { lockPartition: send("lockPartition", watermark) }),
    ...(partitionOf !== undefined && { lockSkuPartition: send("lockSkuPartition", { sku_no: partitionOf }) }),
    extendHolds: send("extendHolds", { sku_nos }),
    lockInventory: send("lockInventory", { sku_nos }),
    loadDecided: send("loadDecided", { ids: scope.ids }),
    loadHoldings: send("loadHoldings", {
      sku_nos: scope.holders.map(({ skuNo }) => skuNo),
      user_ids: scope.holders.map(({ userId }) => userId),
    }),
    loadOverdue: send("loadOverdue", { sku_nos, limit: maxOverduePerTransaction }),
    loadWaiting: send("loadWaiting", {
      sku_nos,
      limit: maxWaitersPerTransaction,
      units: frees.units ?? 0,
      reservation_id: frees.reservationId,
      order_id: frees.orderId,
    }),
    ...(orderIds && { loadOrders: send("loadOrders", { order_ids: orderIds }) }),
    ...(refundId !== undefined && { loadRefund: send("loadRefund", { refund_id: refundId }) }),
    ...(keyed && { findCommand: send("findCommand", { command_id: keyed.id }) }),
    readClock: send("readClock", { sku_nos, entries: entriesLookedThrough }),
  }
}

/** The rows of each statement that was sent. */
type LoadedRows = { readonly [Name in LoadName]?: readonly Row[] }

/** Reads the answers of the first flush. @throws the first failure among them */
export async function readLoad(sent: SentLoad, { keyed }: Scope): Promise<Loaded> {
  const rows = await rowsOf(sent)
  const clock = rows.readClock?.[0] as Clock | undefined
  const earlier = rows.findCommand?.[0]
  const inventory = rows.lockInventory ?? []
  const refund = rows.loadRefund?.[0]
  return {
    now: Number(clock?.now ?? 0),
    decidedSeqs: new Map(clock?.sku_nos?.map((skuNo, index) => [skuNo, clock.decided_seqs?.[index] ?? 0])),
    extended: (rows.extendHolds ?? []).map(({ id }) => String(id)),
    ...(keyed && earlier && { earlierUse: keyed.hash.equals(earlier.command_hash as Buffer) ? "same" : "other" }),
    skuIds: new Map(inventory.map((row) => [Number(row.sku_no), String(row.sku_id)])),
    state: {
      skus: new Map(inventory.map((row) => [Number(row.sku_no), skuSale(row)])),
      decided: new Map((rows.loadDecided ?? []).map((row) => [String(row.id), reservationOf(row)])),
      holdings: new Map([...bySku(rows.loadHoldings ?? [], holding)].map(([skuNo, ofSku]) => [skuNo, new Map(ofSku)])),
      overdue: bySku(rows.loadOverdue ?? [], overdueHold),
      waiting: bySku(rows.loadWaiting ?? [], waiter),
      orders: new Map((rows.loadOrders ?? []).map((row) => [String(row.order_id), orderFacts(row)])),
      ...(refund && { refund: refundFacts(refund) }),
    },
  }
}

async function rowsOf(sent: SentLoad): Promise<LoadedRows> {
  const answers = Object.entries(sent).map(async ([name, answer]) => [name, (await answer).rows] as const)
  return Object.fromEntries(await Promise.all(answers))
}

/** The row of `readClock`. The arrays are null when none of the SKUs exists. */
type Clock = { readonly now: number | string; readonly sku_nos: number[] | null; readonly decided_seqs: number[] | null }

function bySku<T>(rows: readonly Row[], read: (row: Row) => T): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const row of rows) {
    const skuNo = Number(row.sku_no)
    const group = groups.get(skuNo)
    if (group) group.push(read(row))
    else groups.set(skuNo, [read(row)])
  }
  return groups
}

const holding = (row: Row): [userId: string, holding: Holding] => [
  String(row.user_id),
  { units: Number(row.units), unpaidHolds: Number(row.unpaid_holds) },
]

const overdueHold = (row: Row): OverdueHold => ({
  id: String(row.id),
  userId: String(row.user_id),
  quantity: Number(row.quantity),
})

const waiter = (row: Row): Waiter => ({
  ...overdueHold(row),
  seq: Number(row.seq),
  ord: Number(row.ord),
  passed: Number(row.passed),
})

const orderFacts = (row: Row): OrderFacts => ({
  orderId: String(row.order_id),
  reservationId: String(row.reservation_id),
  skuNo: Number(row.sku_no),
  quantity: Number(row.quantity),
  amountMinor: Number(row.amount_minor),
  refundedMinor: Number(row.refunded_minor),
  status: row.status as OrderStatus,
})

const refundFacts = (row: Row): RefundFacts => ({
  refundId: String(row.refund_id),
  orderId: String(row.order_id),
  amountMinor: Number(row.amount_minor),
  state: row.state as RefundState,
  returnUnit: row.return_unit === true,
})
