import * as z from "zod"
import { problems } from "../problems.ts"
import { Next } from "./pages.ts"
import { AmountMinor, Currency, SkuId, Timestamp } from "./primitives.ts"

/** POST /v1/reservations/{reservation_id}/checkout. The server computes the amount; a client's is an unknown field. */
export const CheckoutBody = z
  .strictObject({ payment_method: z.string().regex(/^[A-Za-z0-9_]{1,128}$/, "must be a payment method of the provider") })
  .meta({ id: "CheckoutBody" })

/**
 * The shopper has to confirm the payment on a page of the provider. The hold does not stop meanwhile. The document has the
 * members of a problem, but it is no problem.
 */
export const PaymentAction = z
  .strictObject({
    type: z.literal("/problems/payment-action-required"),
    title: z.literal(problems["payment-action-required"].title),
    status: z.literal(problems["payment-action-required"].status),
    detail: z.string(),
    instance: z.string(),
    decided: z.literal(true),
    reservation_id: z.uuid(),
    action_url: z.url().meta({ description: "The provider's page where the shopper confirms the payment." }),
  })
  .meta({ id: "PaymentAction" })
export type PaymentAction = z.infer<typeof PaymentAction>

export const OrderStatus = z.enum(["PENDING_CAPTURE", "PAID", "FAILED", "REFUNDED"]).meta({ id: "OrderStatus" })

/** What shoppers and operators see of an order. */
export const orderMembers = {
  order_id: z.uuid(),
  reservation_id: z.uuid(),
  sku_id: SkuId,
  quantity: z.int(),
  amount_minor: AmountMinor,
  currency: Currency,
  status: OrderStatus,
  created_at: Timestamp,
}

export const Order = z
  .strictObject({
    ...orderMembers,
    refunded_minor: AmountMinor.optional().meta({
      description:
        "The money that went back to the shopper; only when there is a refund. It may shrink: a bank may send money back.",
    }),
    refunded_at: Timestamp.optional().meta({ description: "When money went back last." }),
    refund_status: z.enum(["PENDING", "SUCCEEDED", "FAILED"]).optional().meta({
      description: "Where the last refund stands. FAILED: its money did not reach the shopper, and the shop has to act.",
    }),
  })
  .meta({ id: "Order" })
export type Order = z.infer<typeof Order>

/** GET /v1/orders */
export const OrderList = z.strictObject({ items: z.array(Order), next: Next }).meta({ id: "OrderList" })
export type OrderList = z.infer<typeof OrderList>
