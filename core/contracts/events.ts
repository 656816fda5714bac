import * as z from "zod"
import { AmountMinor, Currency, SkuId, Timestamp } from "./http/primitives.ts"
import { jsonOf } from "./json.ts"

const units = z.int().min(1)

/** A reservation in its events; the user is the opaque id of spec and token, never a name. */
const held = z.strictObject({ user_id: z.uuid(), quantity: units, expires_at: Timestamp })
const reservation = z.strictObject({ user_id: z.uuid(), quantity: units })
const order = z.strictObject({
  user_id: z.uuid(),
  order_id: z.uuid(),
  quantity: units,
  amount_minor: AmountMinor,
  currency: Currency,
})
/** Money of an order that went back to its shopper, or came from them again. */
const refund = order.extend({
  /** Of this schema: a consumer that ships goods relies on it. */
  version: z.literal(1),
  /** The money of this refund. */
  refunded_minor: AmountMinor,
})
const nothing = z.strictObject({})

/**
 * The payload of each event, without its envelope. The refusals of a transaction are one summary, by reason: a sale refuses a
 * thousand times as often as it reserves, and no consumer needs a single refusal. The shopper reads it in the answer.
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
  /** All money went back: the order is over. `units_returned` says whether its units are for sale again. */
  "order.refunded": refund.extend({ units_returned: z.boolean() }),
  /** A part of the money went back, or all of it again after an earlier refund failed. Order and units stay as they are. */
  "order.partly_refunded": refund,
  /** A refund that had succeeded failed: its money did not reach the shopper. */
  "order.refund_failed": refund,
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

/** A record of `reservation-events`: a change of a SKU at `seq` of its ledger. `event_id` is the same on every delivery. */
interface SaleEvent<Type extends EventType = EventType> {
  readonly event_id: string
  readonly event_type: Type
  /** Absent on events that concern no single reservation: refusals, stock and the sale itself. */
  readonly reservation_id?: string
  readonly sku_id: string
  readonly seq: number
  readonly occurred_at: string
  readonly payload: EventPayload<Type>
}

/** Every event; `event_type` distinguishes them: narrowing the type narrows the payload. */
export type AnySaleEvent = { [Type in EventType]: SaleEvent<Type> }[EventType]

/** The id of an event, made of its ledger entry and its index in that entry. */
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

/** Why a record is no event that its consumer can use. */
export type PoisonReason = "empty" | "not-json" | "unknown-type" | "unknown-version" | "invalid" | "other-sku"

/** What a record of `reservation-events` holds. */
export type DecodedEvent = { readonly event: AnySaleEvent } | { readonly poison: PoisonReason }

/**
 * Reads the value of a record. A record that is no event is set aside by its consumer; its neighbours go on.
 *
 * @param key the record's key: the SKU of the event. Events under the key of another SKU are not in its order
 */
export function decodeEvent(value: string | undefined, key?: string): DecodedEvent {
  if (value === undefined || value === "") return { poison: "empty" }
  const json = jsonOf(value)
  if (json === undefined) return { poison: "not-json" }
  const envelope = Envelope.safeParse(json)
  if (!envelope.success) return { poison: faultOf(json) }
  const { event_type: type, payload: given, sku_id } = envelope.data
  const payload = payloads[type].safeParse(given)
  if (!payload.success) return { poison: faultOf(json) }
  if (key !== undefined && key !== sku_id) return { poison: "other-sku" }
  return { event: { ...envelope.data, payload: payload.data } as AnySaleEvent }
}

const Version = z.looseObject({ version: z.unknown().optional() })

/** Why these members are no event. A version other than ours is named first: it explains the rest. */
function faultOf(json: unknown): PoisonReason {
  const loose = z.looseObject({ event_type: z.unknown().optional(), payload: z.unknown().optional() }).safeParse(json)
  if (!loose.success) return "invalid"
  const { event_type: type, payload } = loose.data
  if (typeof type !== "string" || !Object.hasOwn(payloads, type)) return "unknown-type"
  const versions = [json, payload].flatMap((members) => {
    const parsed = Version.safeParse(members)
    return parsed.success && parsed.data.version !== undefined ? [parsed.data.version] : []
  })
  return versions.some((version) => version !== 1) ? "unknown-version" : "invalid"
}
