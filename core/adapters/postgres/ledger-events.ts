import { type AnySaleEvent, eventIdOf } from "../../contracts/events.ts"
import { refusalReasons } from "../../domain/reservation.ts"

/** A ledger entry as the relay reads it. */
export interface Entry {
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

/** A reservation that a `decided` entry accepted. */
export interface Accepted {
  readonly id: string
  readonly seq: number
  readonly ord: number
  readonly outcome: number
  readonly user_id: string
  readonly quantity: number
}

/** A reservation that another entry names, with its order if there is one. */
export interface Moved {
  readonly id: string
  readonly user_id: string
  readonly quantity: number
  readonly expires_at: Date
  readonly order_id: string | null
  readonly amount_minor: number | null
  readonly currency: string | null
}

/** The events of ledger entries, in ledger order; `accepted` and `moved` are the reservations that the entries name. */
export function ledgerEvents(
  skuNo: number,
  entries: readonly Entry[],
  accepted: readonly Accepted[],
  moved: readonly Moved[],
): AnySaleEvent[] {
  const movedById = new Map(moved.map((row) => [row.id, row]))
  const acceptedBySeq = Map.groupBy(accepted, ({ seq }) => seq)
  return entries.flatMap((entry) =>
    entry.kind === "decided"
      ? decidedEvents(skuNo, entry, acceptedBySeq.get(entry.seq) ?? [])
      : entry.moved.length > 0
        ? movedEvents(skuNo, entry, movedById)
        : [saleEvent(skuNo, entry)],
  )
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
  // The summary gets the number after the last decision that a batch can hold.
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
      // The present end: after a further extension, an event with the earlier end would mislead.
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
    case "refunded_kept": {
      const units_returned = entry.kind === "refunded"
      return { ...common, event_type: "order.refunded", payload: { ...order, ...refundOf(entry), units_returned } }
    }
    case "partly_refunded":
      return { ...common, event_type: "order.partly_refunded", payload: { ...order, ...refundOf(entry) } }
    case "refund_failed":
      return { ...common, event_type: "order.refund_failed", payload: { ...order, ...refundOf(entry) } }
    default:
      throw new Error(`There is no event for a ledger entry of kind ${entry.kind}`)
  }
}

const refundOf = ({ amount }: Entry) => ({ version: 1 as const, refunded_minor: amount })

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
