import * as z from "zod"
import { AmountMinor, Currency, SkuId, Timestamp } from "./primitives.ts"
import { SaleStatus } from "./skus.ts"

export const maxTotalStock = 10_000_000
/** Reservations of one SKU that a user may have had without paying, before another is refused. */
export const defaultMaxUnpaidHolds = 2

/** Text that a person reads: no control characters (PostgreSQL takes no NUL), no half of a surrogate pair. */
const Name = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => /^\P{Cc}*$/u.test(name) && name.isWellFormed(), "must be well-formed Unicode without control characters")
  // The same for readers of the OpenAPI document, most of which know no Unicode classes.
  .meta({ pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" })

const momentPattern = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/

/**
 * A moment of a sale, RFC 3339 in UTC, of this century: PostgreSQL knows no year 0, and beyond 9999 there is no RFC 3339.
 * It is taken to the millisecond, as all answers show it.
 */
const SaleMoment = z
  .string()
  .regex(momentPattern, "must be a time in UTC of this century, such as 2026-11-27T09:00:00Z")
  // There is no 30 February: JavaScript would go on into March.
  .refine((text) => new Date(text).getUTCDate() === Number(text.slice(8, 10)), "is not in the calendar")
  .transform((text) => new Date(text).toISOString())
  .meta({ format: "date-time" })

/** POST /v1/admin/skus */
export const CreateSkuBody = z
  .strictObject({
    sku_id: SkuId,
    name: Name,
    price_minor: AmountMinor,
    currency: Currency,
    total_stock: z.int().min(0).max(maxTotalStock),
    per_user_limit: z.int().min(1).max(1_000).default(1),
    hold_seconds: z.int().min(1).max(3_600).default(120),
    waitlist_limit: z.int().min(0).max(maxTotalStock).default(0),
    max_unpaid_holds: z.int().min(1).max(1_000).default(defaultMaxUnpaidHolds),
    opens_at: SaleMoment.optional().meta({ example: "2026-11-27T09:00:00.000Z" }),
    closes_at: SaleMoment.optional().meta({ example: "2026-11-27T10:00:00.000Z" }),
  })
  .refine((sku) => !sku.opens_at || !sku.closes_at || Date.parse(sku.opens_at) < Date.parse(sku.closes_at), {
    path: ["closes_at"],
    message: "must be after opens_at",
  })
  .meta({ id: "CreateSkuBody" })
export type CreateSkuBody = z.infer<typeof CreateSkuBody>

/** POST /v1/admin/skus/{sku_id}/restock; negative recalls units. */
export const RestockBody = z
  .strictObject({
    quantity: z
      .int()
      .min(-maxTotalStock)
      .max(maxTotalStock)
      .refine((quantity) => quantity !== 0, "must not be 0")
      .meta({ not: { const: 0 } }),
  })
  .meta({ id: "RestockBody" })

/** POST /v1/admin/skus/{sku_id}/mode */
export const ModeBody = z
  .discriminatedUnion("mode", [
    z.strictObject({
      mode: z.enum(["batch", "direct"]),
      /** Switches though the line is not empty, or does not answer. */
      force: z.boolean().default(false),
    }),
    z.strictObject({
      mode: z.literal("halted"),
      /** Stops the writer, too, and with it every SKU of the partition. */
      freeze: z.boolean().default(false),
      force: z.boolean().optional(),
    }),
  ])
  .meta({ id: "ModeBody" })

/** POST /v1/admin/skus/{sku_id}/extend */
export const ExtendBody = z.strictObject({ seconds: z.int().min(1).max(3_600) }).meta({ id: "ExtendBody" })

/** How many holds were extended. */
export const HoldsExtended = z.strictObject({ sku_id: SkuId, holds_extended: z.int().min(0) }).meta({ id: "HoldsExtended" })
export type HoldsExtended = z.infer<typeof HoldsExtended>

/** A SKU as its administrator sees it; the answer of create, open, close, halt, resume, restock and mode. */
export const AdminSku = z
  .strictObject({
    sku_id: SkuId,
    name: z.string(),
    price_minor: AmountMinor,
    currency: Currency,
    total_stock: z.int(),
    per_user_limit: z.int(),
    hold_seconds: z.int(),
    waitlist_limit: z.int(),
    max_unpaid_holds: z.int(),
    status: SaleStatus,
    mode: z.enum(["batch", "direct", "halted"]),
    frozen: z.boolean(),
    opens_at: Timestamp.nullable(),
    closes_at: Timestamp.nullable(),
  })
  .meta({ id: "AdminSku" })
export type AdminSku = z.infer<typeof AdminSku>

/** GET /v1/admin/skus/{sku_id}/stats */
export const SkuStats = z
  .strictObject({
    sku_id: SkuId,
    status: SaleStatus,
    mode: z.enum(["batch", "direct", "halted"]),
    total: z.int(),
    available: z.int(),
    reserved: z.int(),
    sold: z.int(),
    waitlisted: z.int(),
    decisions: z.strictObject({ reserved: z.int(), waitlisted: z.int(), refused: z.record(z.string(), z.int()) }),
    backlog: z.int(),
    watermark: z.int(),
    ledger_seq: z.int(),
  })
  .meta({ id: "SkuStats" })
export type SkuStats = z.infer<typeof SkuStats>

/** GET /v1/admin/verify */
export const Verification = z
  .strictObject({
    ok: z.boolean(),
    checks: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), violations: z.array(z.string()) })),
  })
  .meta({ id: "Verification" })
export type Verification = z.infer<typeof Verification>
