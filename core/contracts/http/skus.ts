import * as z from "zod"
import { Next } from "./pages.ts"
import { AmountMinor, Currency, SkuId, Timestamp } from "./primitives.ts"

/** What a shopper or an administrator sees of a sale: a halted mode shows as the status `halted`. */
export const SaleStatus = z.enum(["draft", "open", "closed", "halted"]).meta({ id: "SaleStatus" })

export const Sku = z
  .strictObject({
    sku_id: SkuId,
    name: z.string(),
    price_minor: AmountMinor,
    currency: Currency,
    per_user_limit: z.int(),
    hold_seconds: z.int(),
    status: SaleStatus,
    opens_at: Timestamp.nullable(),
    closes_at: Timestamp.nullable(),
  })
  .meta({ id: "Sku" })
export type Sku = z.infer<typeof Sku>

/** GET /v1/skus */
export const SkuList = z.strictObject({ items: z.array(Sku), next: Next }).meta({ id: "SkuList" })
export type SkuList = z.infer<typeof SkuList>

/** GET /v1/skus/{sku_id}/availability */
export const Availability = z
  .strictObject({
    sku_id: SkuId,
    available: z.int().min(0),
    total: z.int().min(0),
    status: SaleStatus,
    opens_at: Timestamp.nullable(),
    closes_at: Timestamp.nullable(),
    as_of: Timestamp,
  })
  .meta({ id: "Availability" })
export type Availability = z.infer<typeof Availability>
