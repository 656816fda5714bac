import * as z from "zod"
import { PlainText } from "./admin.ts"
import { OrderStatus, orderMembers } from "./checkout.ts"
import { AmountMinor, Currency, SkuId, Timestamp } from "./primitives.ts"

/** POST /v1/admin/orders/{order_id}/refund. Without an amount, all that is left of the payment goes back. */
export const RefundBody = z
  .strictObject({
    reason: PlainText.meta({ example: "The shopper returned it" }),
    amount_minor: AmountMinor.min(1).optional(),
    return_unit: z.boolean().default(true).meta({
      description: "Whether the units go back to stock when all money went back. A partial refund never returns units.",
    }),
  })
  .meta({ id: "RefundBody" })
export type RefundBody = z.output<typeof RefundBody>

/** Where a refund stands. SUCCEEDED may become FAILED, when the shopper's bank sends the money back. */
const RefundStatus = z.enum(["REQUESTED", "UNKNOWN", "PENDING", "SUCCEEDED", "FAILED"]).meta({ id: "RefundStatus" })

/** A refund as operators see it, with what it made of its order. */
export const Refund = z
  .strictObject({
    refund_id: z.uuid(),
    order_id: z.uuid(),
    origin: z
      .enum(["operator", "provider", "dispute"])
      .meta({ description: "Asked for here, made at the provider, or a dispute." }),
    amount_minor: AmountMinor,
    currency: Currency,
    reason: z.string(),
    return_unit: z.boolean(),
    status: RefundStatus,
    failure_code: z.string().optional().meta({ description: "The provider's reason for a failure." }),
    requested_at: Timestamp,
    settled_at: Timestamp.optional(),
    order_status: OrderStatus,
    refunded_minor: AmountMinor.meta({ description: "The money of the order that went back, by all its refunds." }),
  })
  .meta({ id: "Refund" })
export type Refund = z.infer<typeof Refund>

/** An order as operators see it. */
export const AdminOrder = z.strictObject({
  ...orderMembers,
  user_id: z.uuid(),
  refunded_minor: AmountMinor,
  refunded_at: Timestamp.nullable(),
  units_kept: z.boolean(),
  attempt_id: z.uuid(),
  /** The provider's name of the payment. */
  payment_ref: z.string().nullable(),
  refunds: z.array(Refund),
})
export type AdminOrder = z.infer<typeof AdminOrder>

/** The most orders of one plan. The rest is in the next plan, after these are refunded. */
export const maxPlannedOrders = 10_000

/** The orders of an oversold SKU that have to be refunded, the newest first. */
export const OversellPlan = z.strictObject({
  plan_id: z.uuid(),
  sku_id: SkuId,
  planned_at: Timestamp,
  total: z.int(),
  reserved: z.int(),
  sold: z.int(),
  /** Units held or sold above the total; 0 when the SKU is not oversold. */
  excess: z.int().min(0),
  orders: z
    .array(
      z.strictObject({
        order_id: z.uuid(),
        quantity: z.int(),
        /** What is left of the payment. */
        amount_minor: AmountMinor,
        currency: Currency,
        status: OrderStatus,
        created_at: Timestamp,
        reason: z.string(),
      }),
    )
    .max(maxPlannedOrders),
})
export type OversellPlan = z.infer<typeof OversellPlan>
