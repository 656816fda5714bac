import * as z from "zod"
import { AmountMinor, Currency, SkuId, Timestamp } from "./http/primitives.ts"

const units = z.int().min(1)

/** A reservation as its events tell of it; the user is the opaque id of spec and token, never a name. */
const held = z.strictObject({ user_id: z.uuid(), quantity: units, expires_at: Timestamp })
const reservation = z.strictObject({ user_id: z.uuid(), quantity: units })
const order = z.strictObject({
  user_id: z.uuid(),
  order_id: z.uuid(),
  quantity: units,
  amount_minor: AmountMinor,
  currency: Currency,
})
const nothing = z.strictObject({})

/**
 * What each event carries besides its envelope. Refusals come as one summary a transaction, by reason: a sale refuses a
 * thousand times as often as it reserves, and nobody is told of a refusal but the one who asked.
 */
const payloads = {
  "reservation.created": held,
  "reservation.waitlisted": reservation,
  "reservation.rejected": z.strictObject({ reasons: z.record(z.string(), z.int().min(1)) }),
  "reservation.promoted": held,
  "reservation.confirmed": order,
  "reservation.extended": held.extend({ extended_by_ms: z.int().min(1) }),
  "reservation.expired": reservation,
  "reservation.cancelled": reservation,
  "reservation.lapsed": reservation,
  "order.paid": order,
  "order.payment_failed": order,
  "order.refunded": order,
  "stock.restocked": z.strictObject({ quantity: z.int(), total: z.int().min(0) }),
  "sale.opened": nothing,
  "sale.closed": nothing,
  "sale.halted": nothing,
  "sale.frozen": nothing,
  "sale.resumed": nothing,
  "sale.switched": z.strictObject({ mode: z.enum(["batch", "direct"]) }),
} as const satisfies Record<string, z.ZodType>

export type EventType = keyof typeof payloads
type EventPayload<Type extends EventType> = z.output<(typeof payloads)[Type]>

/** One line of `reservation-events`: what happened to a SKU at `seq` of its ledger. `event_id` is the same on every delivery. */
interface SaleEvent<Type extends EventType = EventType> {
  readonly event_id: string
  readonly event_type: Type
  /** Absent on what concerns no single reservation: refusals, stock and the sale itself. */
  readonly reservation_id?: string
  readonly sku_id: string
  readonly seq: number
  readonly occurred_at: string
  readonly payload: EventPayload<Type>
}

/** Every event, told apart by `event_type`: narrowing the type narrows the payload. */
export type AnySaleEvent = { [Type in EventType]: SaleEvent<Type> }[EventType]

/** The id of an event: the ledger entry it comes from, and its place in it. */
export const eventIdOf = (skuNo: number, seq: number, ord: number): string => `${skuNo}-${seq}-${ord}`

const Envelope = z.strictObject({
  event_id: z.string().regex(/^\d+-\d+-\d+$/),
  event_type: z.enum(Object.keys(payloads) as [EventType, ...EventType[]]),
  reservation_id: z.uuid().optional(),
  sku_id: SkuId,
  seq: z.int().min(1),
  occurred_at: Timestamp,
  payload: z.unknown(),
})

/** An event as the value of a record. */
export const encodeEvent = (event: AnySaleEvent): string => JSON.stringify(event)

/** Reads a record's value; undefined when it is no event of a known type, which a consumer counts and passes over. */
export function decodeEvent(value: string): AnySaleEvent | undefined {
  const envelope = Envelope.safeParse(parseJson(value))
  if (!envelope.success) return undefined
  const payload = payloads[envelope.data.event_type].safeParse(envelope.data.payload)
  return payload.success ? ({ ...envelope.data, payload: payload.data } as AnySaleEvent) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
