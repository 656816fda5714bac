import { AdminOrder, OversellPlan, Refund, RefundBody } from "../http/refunds.ts"
import { change, keyed, ofOrder, ofSku, read } from "./command.ts"

/** Orders and their money. */
export const orderCommands = {
  "order-show": read(ofOrder, AdminOrder),
  "order-refund": change({ ...ofOrder, ...RefundBody.shape, ...keyed }, Refund),
  "oversell-plan": read(ofSku, OversellPlan),
}
