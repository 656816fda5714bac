import { randomUUID } from "node:crypto"
import { type Oversold, type OversoldOrder, readAdminOrder, readOversold } from "../../adapters/postgres/admin-orders.ts"
import { type RefundRecord, readRefundsOf } from "../../adapters/postgres/refunds.ts"
import {
  type AdminOrder,
  maxPlannedOrders,
  type OversellPlan,
  type Refund,
  type RefundBody,
} from "../../contracts/http/refunds.ts"
import { NotFound } from "../../domain/errors.ts"
import type { CommandKey } from "../../domain/keyed-command.ts"
import { refundOrder } from "../payments/refund-order.ts"
import type { RefundDeps } from "../payments/settle-refund.ts"

/** What operators do with orders. @throws CommandRefused, NotFound, OutcomeUnknown; PostgreSQL's errors */
export function createOrderAdministration(deps: RefundDeps) {
  const { pool } = deps
  return {
    /** An order with its refunds, those made at the provider included. */
    async show(orderId: string): Promise<AdminOrder> {
      const order = await readAdminOrder(pool, orderId)
      if (order === undefined) throw new NotFound("order")
      return { ...order, refunds: (await readRefundsOf(pool, orderId)).map(refundDocument) }
    },

    /** Returns money of an order to its shopper, once for each key. */
    async refund(orderId: string, body: RefundBody, key: CommandKey): Promise<Refund> {
      const { reason, amount_minor: amountMinor, return_unit: returnUnit } = body
      return refundDocument(await refundOrder(deps, { orderId, reason, amountMinor, returnUnit }, key))
    },

    /** The orders of an oversold SKU that have to be refunded: the newest ones, until no unit is above the total. */
    async planOversell(skuId: string): Promise<OversellPlan> {
      const oversold = await readOversold(pool, skuId, maxPlannedOrders)
      if (oversold === undefined) throw new NotFound("sku")
      const { total, reserved, sold, excess, at, orders } = oversold
      return {
        ...{ plan_id: randomUUID(), sku_id: skuId, planned_at: at.toISOString(), total, reserved, sold, excess },
        orders: orders.map((order) => ({
          order_id: order.orderId,
          quantity: order.quantity,
          amount_minor: order.amountMinor,
          currency: order.currency,
          status: order.status,
          created_at: order.createdAt.toISOString(),
          reason: reasonFor(order, oversold),
        })),
      }
    },
  }
}

export type OrderAdministration = ReturnType<typeof createOrderAdministration>

function reasonFor({ unitsBefore, quantity }: OversoldOrder, { excess, total }: Oversold): string {
  const [first, last] = [unitsBefore + 1, unitsBefore + quantity]
  const units = quantity === 1 ? `unit ${first}` : `units ${first} to ${last}`
  return `Oversold: ${units} of the ${excess} above the total of ${total}, counted from the newest order`
}

const refundDocument = (refund: RefundRecord): Refund => ({
  refund_id: refund.refundId,
  order_id: refund.orderId,
  origin: refund.origin,
  amount_minor: refund.amountMinor,
  currency: refund.currency,
  reason: refund.reason,
  return_unit: refund.returnUnit,
  status: refund.state,
  ...(refund.failureCode !== undefined && { failure_code: refund.failureCode }),
  requested_at: refund.requestedAt.toISOString(),
  ...(refund.settledAt !== undefined && { settled_at: refund.settledAt.toISOString() }),
  order_status: refund.orderStatus,
  refunded_minor: refund.refundedMinor,
})
