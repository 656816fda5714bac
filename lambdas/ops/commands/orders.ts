import type { orderCommands } from "../../../core/contracts/operations/orders.ts"
import { ownKey } from "../../../core/domain/keyed-command.ts"
import { type Handlers, keyOf } from "./handlers.ts"

/** Orders and their money. */
export const orderHandlers: Handlers<keyof typeof orderCommands> = {
  "order-show": async (parts, { order_id: orderId }) => (await parts.orders()).show(orderId),
  "order-refund": async (parts, request) => (await parts.orders()).refund(request.order_id, request, keyOf(request) ?? ownKey()),
  "oversell-plan": async (parts, { sku_id: skuId }) => (await parts.orders()).planOversell(skuId),
}
