import type { PoolClient, QueryResult } from "pg"
import { instantArray, int2Array, int4Array, int8Array, uuidArray } from "./binary-arrays.ts"
import { bigint, boolean, bytes, integer, integerArray, nullable, text, textArray, uuid } from "./parameter-types.ts"
import type { Row } from "./rows.ts"
import { type ParameterTypes, type ParameterValues, type Statement, statement } from "./statement.ts"
import adjustHoldings from "./statements/adjust-holdings.sql"
import appendLedger from "./statements/append-ledger.sql"
import changeOrders from "./statements/change-orders.sql"
import changeRefund from "./statements/change-refund.sql"
import changeSale from "./statements/change-sale.sql"
import changeStates from "./statements/change-states.sql"
import extendHolds from "./statements/extend-holds.sql"
import findCommand from "./statements/find-command.sql"
import leaveWaitlist from "./statements/leave-waitlist.sql"
import loadDecided from "./statements/load-decided.sql"
import loadHoldings from "./statements/load-holdings.sql"
import loadOrders from "./statements/load-orders.sql"
import loadOverdue from "./statements/load-overdue.sql"
import loadRefund from "./statements/load-refund.sql"
import loadWaiting from "./statements/load-waiting.sql"
import lockInventory from "./statements/lock-inventory.sql"
import lockPartition from "./statements/lock-partition.sql"
import lockSkuPartition from "./statements/lock-sku-partition.sql"
import passWaiters from "./statements/pass-waiters.sql"
import quarantine from "./statements/quarantine.sql"
import readClock from "./statements/read-clock.sql"
import recordCommand from "./statements/record-command.sql"
import writeBatch from "./statements/write-batch.sql"
import writeDirect from "./statements/write-direct.sql"

/** The statements of a transition, prepared once for each connection. Tests plant a wrong one to show that a check finds it. */
export const transitionStatements = {
  lockPartition,
  lockSkuPartition,
  extendHolds,
  lockInventory,
  loadDecided,
  loadHoldings,
  loadOverdue,
  loadWaiting,
  loadOrders,
  loadRefund,
  findCommand,
  readClock,
  changeStates,
  adjustHoldings,
  leaveWaitlist,
  passWaiters,
  appendLedger,
  changeSale,
  changeOrders,
  changeRefund,
  recordCommand,
  quarantine,
  writeBatch,
  writeDirect,
} as const satisfies Record<string, string>

type TransitionName = keyof typeof transitionStatements

export type TransitionStatements = Record<TransitionName, string>

/** The parameters of each statement. */
const parameterTypes = {
  lockPartition: { topic: text, partition: integer, expected: bigint },
  lockSkuPartition: { sku_no: integer },
  extendHolds: { sku_nos: int4Array },
  lockInventory: { sku_nos: int4Array },
  loadDecided: { ids: uuidArray },
  loadHoldings: { sku_nos: int4Array, user_ids: uuidArray },
  loadOverdue: { sku_nos: int4Array, limit: integer },
  loadWaiting: { sku_nos: int4Array, limit: integer, units: integer, reservation_id: nullable(uuid), order_id: nullable(uuid) },
  loadOrders: { order_ids: uuidArray },
  loadRefund: { refund_id: uuid },
  findCommand: { command_id: uuid },
  readClock: { sku_nos: int4Array, entries: integer },
  changeStates: { ids: uuidArray, from_state: integer, to_state: integer, expires_at: nullable(bigint) },
  adjustHoldings: { sku_nos: int4Array, user_ids: uuidArray, units: int4Array },
  leaveWaitlist: { ids: uuidArray },
  passWaiters: { sku_no: integer, seqs: int4Array, ords: int2Array },
  appendLedger: {
    sku_no: integer,
    seq: integer,
    kind: text,
    at: bigint,
    total_delta: integer,
    reserved_delta: integer,
    sold_delta: integer,
    waitlisted_delta: integer,
    moved: uuidArray,
    amount: bigint,
  },
  changeSale: {
    sku_no: integer,
    status: nullable(text),
    mode: nullable(text),
    opens_at: nullable(bigint),
    frozen: nullable(boolean),
  },
  changeOrders: { order_ids: uuidArray, status: text },
  changeRefund: {
    refund_id: uuid,
    from_states: textArray,
    to_state: text,
    refunded_minor: bigint,
    units_kept: boolean,
    at: bigint,
    failure_code: nullable(text),
  },
  recordCommand: { command_id: uuid, command_hash: bytes },
  quarantine: { topic: text, partition: integer, offset: bigint, sha256: bytes, reason: text, raw: bytes },
  writeBatch: {
    topic: nullable(text),
    partition: nullable(integer),
    expected: nullable(bigint),
    next_offset: bigint,
    now: nullable(bigint),
    sku_nos: int4Array,
    seqs: int4Array,
    statuses: textArray,
    available: int4Array,
    waitlisted: int4Array,
    until: instantArray,
    first_offsets: int8Array,
    last_offsets: int8Array,
    units: int4Array,
    digests: bytes,
    counters: int4Array,
    sales: int2Array,
    ords: int2Array,
    outcomes: int2Array,
    quantities: int4Array,
    ids: uuidArray,
    user_ids: uuidArray,
    owners: int4Array,
    body_hashes: int4Array,
    holder_sales: int2Array,
    holders: uuidArray,
    holder_units: int4Array,
    refused_users: uuidArray,
  },
  writeDirect: {
    sku_no: integer,
    seq: integer,
    epoch: integer,
    now: bigint,
    outcome: integer,
    quantity: integer,
    id: uuid,
    user_id: nullable(uuid),
    owner: integer,
    body_hash: integer,
    is_first_units: boolean,
    digest: nullable(bytes),
    refused: nullable(integerArray),
  },
} satisfies Record<TransitionName, ParameterTypes>

/** The values that a statement of a transition takes, by name. */
export type TransitionValues<Name extends TransitionName> = ParameterValues<(typeof parameterTypes)[Name]>

/** Sends one statement; the answer is awaited later, so that a flush of many costs one round trip. */
export type Send = <Name extends TransitionName>(name: Name, values: TransitionValues<Name>) => Promise<QueryResult<Row>>

/**
 * The statements of a transition, ready to be sent on a connection. Each is prepared once for each connection, under its own
 * name.
 */
export type PreparedStatements = Readonly<Record<TransitionName, Statement<ParameterTypes>>>

/** @throws Error when a text and the parameters of its statement do not have the same names */
export function prepareStatements(texts: TransitionStatements = transitionStatements): PreparedStatements {
  const names = Object.keys(parameterTypes) as TransitionName[]
  return Object.fromEntries(
    names.map((name) => [name, statement<ParameterTypes>(texts[name], parameterTypes[name], name)]),
  ) as PreparedStatements
}

export const sender =
  (client: PoolClient, prepared: PreparedStatements): Send =>
  (name, values) =>
    client.query<Row>(prepared[name](values as ParameterValues<ParameterTypes>))
