import * as z from "zod"
import { AmountMinor, Currency, SkuId, Timestamp } from "./http/primitives.ts"

/** Where the JSON schema is served, and the name of its file under docs/schemas. */
export const ordersConfirmedSchemaPath = "/schemas/orders-confirmed-v1.json"

const order = {
  /**
   * The same for every copy of a record, and unique among the records of the topic: a consumer that keeps it acts once.
   * It is the id of the event that the record is made of.
   */
  event_id: z.string().min(1).max(64).meta({ description: "The same on every copy of a record; a consumer acts on it once" }),
  version: z.literal(1).meta({ description: "Version of this schema. A change that breaks a consumer has another topic" }),
  occurred_at: Timestamp,
  order_id: z.uuid().meta({ description: "The key of the record: records of one order are in order" }),
  reservation_id: z.uuid(),
  user_id: z.uuid().meta({ description: "Opaque id of the shopper" }),
  sku_id: SkuId,
  quantity: z.int().min(1),
  amount_minor: AmountMinor.meta({ description: "The price of the order, in the currency's minor unit" }),
  currency: Currency,
}

/** An order is paid: its goods can be sent. */
const OrderConfirmed = z.object({ ...order, event_type: z.literal("order.confirmed") }).meta({
  description: "The order is paid: send its goods",
})

/** All money of an order went back. */
const OrderRefunded = z
  .object({
    ...order,
    event_type: z.literal("order.refunded"),
    refunded_minor: AmountMinor.meta({ description: "Money of the last refund, which completed the return" }),
    units_returned: z.boolean().meta({ description: "True when the units are for sale again: the goods must not be sent" }),
  })
  .meta({ description: "All money of the order went back" })

/**
 * A record of `orders-confirmed`, the contract for a warehouse. Members may be added within a version: a consumer ignores members
 * that it does not know.
 */
export const OrderRecord = z.discriminatedUnion("event_type", [OrderConfirmed, OrderRefunded]).meta({
  title: "A record of the topic orders-confirmed, version 1",
})
export type OrderRecord = z.output<typeof OrderRecord>

/** The JSON schema of the records (draft 2020-12). */
export const ordersConfirmedSchema = (): Record<string, unknown> => ({
  $id: ordersConfirmedSchemaPath,
  ...z.toJSONSchema(OrderRecord, { io: "input" }),
})
