import type { QueryResult } from "pg"
import type { EarlierUse, KeyedCommand } from "../../domain/keyed-command.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import { type Instant, outcomeOf, type Reservation, stateOf } from "../../domain/reservation.ts"
import {
  type Holding,
  maxOverduePerTransaction,
  maxWaitersPerTransaction,
  type OrderFacts,
  type OrderStatus,
  type OverdueHold,
  type SaleState,
  type SaleStatus,
  type SkuSale,
  type Waiter,
  type WriteMode,
} from "../../domain/sale.ts"
import { int4Array, uuidArray } from "./binary-arrays.ts"
import type { TransitionStatements } from "./statements.ts"

/** What a transaction is about: whose locks it takes and what it loads under them. */
export interface Scope {
  readonly skuNos: readonly number[]
  /** Reservations whose present state matters. */
  readonly ids: readonly string[]
  /** Users whose limit matters. */
  readonly holders: readonly { readonly skuNo: number; readonly userId: string }[]
  /** What the command may free, so that enough waiters are loaded: units as such (of a recall below 0), or those of a reservation or an order. */
  readonly frees?: { readonly units?: number; readonly reservationId?: string; readonly orderId?: string }
  /** The orders a payment command names. */
  readonly orderIds?: readonly string[]
  /** Set by the single writer: the watermark it expects, locked before anything else. */
  readonly watermark?: { readonly topic: string; readonly partition: number; readonly expected: number }
  /** A SKU whose line is locked first: no batch of its partition is under way when the transaction commits, and the next one sees it. */
  readonly lineOf?: number
  /** Set by a command with an idempotency key, which is looked for under the locks. */
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
  /** By SKU a ledger sequence from which on no earlier transaction decided requests: what Redis was shown up to there is all it must know. */
  readonly decidedSeqs: ReadonlyMap<number, number>
}

/** Ledger entries in which the last decisions of a SKU are looked for: payments between two decisions are fewer as a rule. */
const entriesLookedThrough = 64

/** Sends one statement; the answer is awaited later, so that a flush of many costs one round trip. */
export type Send = (name: keyof TransitionStatements, values: readonly unknown[]) => Promise<QueryResult<Row>>

export type Row = Record<string, string | number | boolean | Buffer | null>

/** The first flush: locks in the one order, then loads, each statement with a snapshot of its own from after the locks. */
export function sendLoad(send: Send, scope: Scope): Promise<QueryResult<Row>>[] {
  const skuNos = int4Array(scope.skuNos)
  const { watermark } = scope
  return [
    ...(watermark ? [send("lockPartition", [watermark.topic, watermark.partition, watermark.expected])] : []),
    ...(scope.lineOf === undefined ? [] : [send("lockLine", [scope.lineOf])]),
    send("extendHolds", [skuNos]),
    send("lockInventory", [skuNos]),
    send("loadDecided", [uuidArray(scope.ids)]),
    send("loadHoldings", [
      int4Array(scope.holders.map(({ skuNo }) => skuNo)),
      uuidArray(scope.holders.map(({ userId }) => userId)),
    ]),
    send("loadOverdue", [skuNos, maxOverduePerTransaction]),
    send("loadWaiting", [
      skuNos,
      maxWaitersPerTransaction,
      scope.frees?.units ?? 0,
      scope.frees?.reservationId ?? null,
      scope.frees?.orderId ?? null,
    ]),
    ...(scope.orderIds ? [send("loadOrders", [uuidArray(scope.orderIds)])] : []),
    ...(scope.keyed ? [send("findCommand", [scope.keyed.id])] : []),
    send("readClock", [skuNos, entriesLookedThrough]),
  ]
}

/** Reads the answers of the first flush, in the order they were asked for. */
export function readLoad(results: readonly QueryResult<Row>[], scope: Scope): Loaded {
  const locksOfLines = (scope.watermark ? 1 : 0) + (scope.lineOf === undefined ? 0 : 1)
  const tables = results.slice(locksOfLines).map(({ rows }) => rows)
  const [extended = [], inventory = [], decided = [], holdings = [], overdue = [], waiting = []] = tables
  const orders = (scope.orderIds && tables[6]) ?? []
  const clock = tables.at(-1)?.[0] as Clock | undefined
  const earlier = scope.keyed && tables.at(-2)?.[0]
  return {
    now: Number(clock?.now ?? 0),
    decidedSeqs: new Map(clock?.sku_nos?.map((skuNo, index) => [skuNo, clock.decided_seqs?.[index] ?? 0])),
    extended: extended.map(({ id }) => String(id)),
    ...(scope.keyed && earlier && { earlierUse: scope.keyed.hash.equals(earlier.command_hash as Buffer) ? "same" : "other" }),
    skuIds: new Map(inventory.map((row) => [Number(row.sku_no), String(row.sku_id)])),
    state: {
      skus: new Map(inventory.map((row) => [Number(row.sku_no), skuSale(row)])),
      decided: new Map(decided.map((row) => [String(row.id), reservationOf(row)])),
      holdings: new Map([...bySku(holdings, holding)].map(([skuNo, ofSku]) => [skuNo, new Map(ofSku)])),
      overdue: bySku(overdue, overdueHold),
      waiting: bySku(waiting, waiter),
      orders: new Map(orders.map((row) => [String(row.order_id), orderFacts(row)])),
    },
  }
}

/** What `readClock` says. The arrays are null when none of the SKUs exists. */
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

/** A row of `inventory`. */
export const skuSale = (row: Row): SkuSale => ({
  skuNo: Number(row.sku_no),
  perUserLimit: Number(row.per_user_limit),
  holdSeconds: Number(row.hold_seconds),
  waitlistLimit: Number(row.waitlist_limit),
  maxUnpaidHolds: Number(row.max_unpaid_holds),
  status: row.status as SaleStatus,
  mode: row.mode as WriteMode,
  resumeMode: row.resume_mode as "batch" | "direct",
  frozen: row.frozen === true,
  epoch: Number(row.epoch),
  ...(row.opens_at != null && { opensAt: Number(row.opens_at) }),
  ...(row.closes_at != null && { closesAt: Number(row.closes_at) }),
  balances: {
    total: Number(row.total_stock),
    reserved: Number(row.reserved_count),
    sold: Number(row.sold_count),
    waitlisted: Number(row.waitlisted),
  },
  seq: Number(row.seq),
})

/** A row of `reservations`, with `expires_at` in microseconds. */
export const reservationOf = (row: Row): Reservation => ({
  id: String(row.id),
  skuNo: Number(row.sku_no),
  seq: Number(row.seq),
  ord: Number(row.ord),
  outcome: outcomeOf(Number(row.outcome)),
  state: stateOf(Number(row.state)),
  quantity: Number(row.quantity),
  ...(row.user_id != null && { userId: String(row.user_id) }),
  owner: Number(row.owner),
  bodyHash: Number(row.body_hash),
  ...(row.expires_at != null && { expiresAt: Number(row.expires_at) }),
})

/** The place in the queue that a row's reservation was decided at; a direct decision has none. */
export const decidedPlaceOf = (row: Row): Partial<LogPosition> =>
  row.offset == null ? {} : { partition: Number(row.partition), offset: Number(row.offset) }

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
  status: row.status as OrderStatus,
})
