import type { Pool, PoolClient } from "pg"
import { type AnySaleEvent, eventIdOf } from "../../contracts/events.ts"
import { refusalReasons } from "../../domain/reservation.ts"
import relayAccepted from "./statements/relay-accepted.sql"
import relayAdvance from "./statements/relay-advance.sql"
import relayEntries from "./statements/relay-entries.sql"
import relayLock from "./statements/relay-lock.sql"
import relayMoved from "./statements/relay-moved.sql"
import relayPick from "./statements/relay-pick.sql"

/** Ledger entries published in one transaction. */
const maxEntries = 200

/** Events of one SKU, in ledger order, and where they go. */
export interface EventBatch {
  readonly skuId: string
  readonly partition: number
  readonly events: readonly AnySaleEvent[]
}

interface Entry {
  readonly seq: number
  readonly kind: string
  readonly at: Date
  readonly refused: number[]
  readonly moved: string[]
  readonly amount: number
  readonly total_after: number
  readonly sku_id: string
  readonly partition: number
  readonly hold_seconds: number
}

interface Accepted {
  readonly id: string
  readonly seq: number
  readonly ord: number
  readonly outcome: number
  readonly user_id: string
  readonly quantity: number
}

interface Moved {
  readonly id: string
  readonly user_id: string
  readonly quantity: number
  readonly expires_at: Date
  readonly order_id: string | null
  readonly amount_minor: number | null
  readonly currency: string | null
}

/** SKUs whose ledger is ahead of what was published. */
export async function unpublishedSkus(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ sku_no: number }>(relayPick)
  return rows.map(({ sku_no }) => sku_no)
}

/**
 * Hands the next entries of a SKU's ledger to `publish`, in order, and notes them as published once it has returned: the ledger is the
 * outbox. Holds the SKU's place against other relays meanwhile; a crash in between publishes again, with the same event ids.
 *
 * @returns how many entries were published; 0 when another relay is at it or nothing is left
 */
export async function publishNext(pool: Pool, skuNo: number, publish: (batch: EventBatch) => Promise<void>): Promise<number> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query("BEGIN")
    const { rows: locked } = await client.query<{ published_seq: number }>(relayLock, [skuNo])
    const { rows: entries } = locked[0]
      ? await client.query<Entry>(relayEntries, [skuNo, locked[0].published_seq, maxEntries])
      : { rows: [] }
    const last = entries.at(-1)
    if (last) {
      await publish(await eventBatch(client, skuNo, entries, last))
      await client.query(relayAdvance, [skuNo, last.seq])
    }
    await client.query("COMMIT")
    broken = false
    return entries.length
  } finally {
    client.release(broken)
  }
}

async function eventBatch(client: PoolClient, skuNo: number, entries: readonly Entry[], last: Entry): Promise<EventBatch> {
  const { rows: accepted } = await client.query<Accepted>(relayAccepted, [skuNo, entries[0]?.seq, last.seq])
  const { rows: moved } = await client.query<Moved>(relayMoved, [entries.flatMap((entry) => entry.moved)])
  const movedById = new Map(moved.map((row) => [row.id, row]))
  const acceptedBySeq = Map.groupBy(accepted, ({ seq }) => seq)
  const events = entries.flatMap((entry) =>
    entry.kind === "decided"
      ? decidedEvents(skuNo, entry, acceptedBySeq.get(entry.seq) ?? [])
      : entry.moved.length > 0
        ? movedEvents(skuNo, entry, movedById)
        : [saleEvent(skuNo, entry)],
  )
  return { skuId: last.sku_id, partition: last.partition, events }
}

const envelope = (skuNo: number, { seq, sku_id, at }: Entry, ord: number) => ({
  event_id: eventIdOf(skuNo, seq, ord),
  sku_id,
  seq,
  occurred_at: at.toISOString(),
})

const holdEnd = ({ at, hold_seconds }: Entry): string => new Date(at.getTime() + hold_seconds * 1_000).toISOString()

function decidedEvents(skuNo: number, entry: Entry, accepted: readonly Accepted[]): AnySaleEvent[] {
  const events = accepted.map(({ id, ord, outcome, user_id, quantity }): AnySaleEvent => {
    const common = { ...envelope(skuNo, entry, ord), reservation_id: id }
    return outcome === 1
      ? { ...common, event_type: "reservation.created", payload: { user_id, quantity, expires_at: holdEnd(entry) } }
      : { ...common, event_type: "reservation.waitlisted", payload: { user_id, quantity } }
  })
  const reasons = Object.fromEntries(
    refusalReasons.flatMap((reason, index) => (entry.refused[index] ? [[reason, entry.refused[index]]] : [])),
  )
  if (Object.keys(reasons).length === 0) return events
  // The summary takes the place after the last decision that a batch can hold.
  return [...events, { ...envelope(skuNo, entry, summaryOrd), event_type: "reservation.rejected", payload: { reasons } }]
}

const summaryOrd = 32_767

function movedEvents(skuNo: number, entry: Entry, rows: ReadonlyMap<string, Moved>): AnySaleEvent[] {
  return entry.moved.map((id, ord) => {
    const row = rows.get(id)
    if (row === undefined) throw new Error(`Ledger entry ${skuNo}-${entry.seq} names a reservation that does not exist: ${id}`)
    return movedEvent(entry, { ...envelope(skuNo, entry, ord), reservation_id: id }, row)
  })
}

function movedEvent(entry: Entry, common: ReturnType<typeof envelope> & { reservation_id: string }, row: Moved): AnySaleEvent {
  const { user_id, quantity } = row
  const order = {
    user_id,
    order_id: row.order_id ?? "",
    quantity,
    amount_minor: row.amount_minor ?? 0,
    currency: row.currency ?? "",
  }
  switch (entry.kind) {
    case "promoted":
      return { ...common, event_type: "reservation.promoted", payload: { user_id, quantity, expires_at: holdEnd(entry) } }
    case "extended": {
      const extended_by_ms = Math.max(1, Math.round(entry.amount / 1_000))
      // The end as it is now: where it was extended again since, an event with the end before would only mislead.
      return {
        ...common,
        event_type: "reservation.extended",
        payload: { user_id, quantity, expires_at: row.expires_at.toISOString(), extended_by_ms },
      }
    }
    case "expired":
      return { ...common, event_type: "reservation.expired", payload: { user_id, quantity } }
    case "cancelled":
      return { ...common, event_type: "reservation.cancelled", payload: { user_id, quantity } }
    case "lapsed":
      return { ...common, event_type: "reservation.lapsed", payload: { user_id, quantity } }
    case "confirmed":
      return { ...common, event_type: "reservation.confirmed", payload: order }
    case "paid":
      return { ...common, event_type: "order.paid", payload: order }
    case "payment_failed":
      return { ...common, event_type: "order.payment_failed", payload: order }
    case "refunded":
      return { ...common, event_type: "order.refunded", payload: order }
    default:
      throw new Error(`There is no event for a ledger entry of kind ${entry.kind}`)
  }
}

function saleEvent(skuNo: number, entry: Entry): AnySaleEvent {
  const common = envelope(skuNo, entry, 0)
  switch (entry.kind) {
    case "restocked":
      return { ...common, event_type: "stock.restocked", payload: { quantity: entry.amount, total: entry.total_after } }
    case "opened":
      return { ...common, event_type: "sale.opened", payload: {} }
    case "closed":
      return { ...common, event_type: "sale.closed", payload: {} }
    case "halted":
      return { ...common, event_type: "sale.halted", payload: {} }
    case "frozen":
      return { ...common, event_type: "sale.frozen", payload: {} }
    case "resumed":
      return { ...common, event_type: "sale.resumed", payload: {} }
    case "switched_to_batch":
      return { ...common, event_type: "sale.switched", payload: { mode: "batch" } }
    case "switched_to_direct":
      return { ...common, event_type: "sale.switched", payload: { mode: "direct" } }
    default:
      throw new Error(`There is no event for a ledger entry of kind ${entry.kind}`)
  }
}
