import type { saleCommands } from "../../../core/contracts/operations/sales.ts"
import { type Handlers, keyOf } from "./handlers.ts"

/** Sales: their status, stock, mode and holds. */
export const saleHandlers: Handlers<keyof typeof saleCommands> = {
  stats: async (parts, { sku_id: skuId }) => (await parts.administration()).stats(skuId),
  "sale-list": async (parts, page) => (await parts.administration()).list(page),
  "sale-create": async (parts, { sku }) => (await (await parts.administration()).create(sku)).sku,
  "sale-open": async (parts, { sku_id: skuId }) => (await parts.administration()).open(skuId),
  "sale-close": async (parts, { sku_id: skuId }) => (await parts.administration()).close(skuId),
  "sale-halt": async (parts, { sku_id: skuId, freeze }) => (await parts.administration()).halt(skuId, freeze),
  "sale-resume": async (parts, { sku_id: skuId }) => (await parts.administration()).resume(skuId),
  "sale-restock": async (parts, request) =>
    (await parts.administration()).restock(request.sku_id, request.quantity, keyOf(request)),
  mode: async (parts, { sku_id: skuId, mode, force }) => (await parts.administration()).switchMode(skuId, mode, force),
  "holds-extend": async (parts, request) =>
    (await parts.administration()).extendHolds(request.sku_id, request.seconds, keyOf(request)),
}
