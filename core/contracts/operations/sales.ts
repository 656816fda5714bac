import * as z from "zod"
import {
  AdminSku,
  AdminSkuList,
  AdminSkuQuery,
  CreateSkuBody,
  ExtendBody,
  HoldsExtended,
  RestockBody,
  SkuStats,
} from "../http/admin.ts"
import { change, keyed, ofSku, read } from "./command.ts"

/** Sales: their status, stock, mode and holds. */
export const saleCommands = {
  stats: read(ofSku, SkuStats),
  "sale-list": read(AdminSkuQuery.shape, AdminSkuList),
  "sale-create": change({ sku: CreateSkuBody }, AdminSku),
  "sale-open": change(ofSku, AdminSku),
  "sale-close": change(ofSku, AdminSku),
  "sale-halt": change({ ...ofSku, freeze: z.boolean().default(false) }, AdminSku),
  "sale-resume": change(ofSku, AdminSku),
  "sale-restock": change({ ...ofSku, quantity: RestockBody.shape.quantity, ...keyed }, AdminSku),
  mode: change({ ...ofSku, mode: z.enum(["batch", "direct"]), force: z.boolean().default(false) }, AdminSku),
  "holds-extend": change({ ...ofSku, seconds: ExtendBody.shape.seconds, ...keyed }, HoldsExtended),
}
