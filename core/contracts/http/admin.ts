import * as z from "zod"
import { chargeLimits, priceFault } from "../../domain/currencies.ts"
import { Moment } from "./moment.ts"
import { Next, SkuPageQuery } from "./pages.ts"
import { AmountMinor, Currency, SkuId, Timestamp } from "./primitives.ts"
import { SaleStatus } from "./skus.ts"

export const maxTotalStock = 10_000_000
/** Unpaid reservations of one SKU that a user may have, ended ones included. A further one is refused. */
export const defaultMaxUnpaidHolds = 2

/** Text that a person reads: no control characters (PostgreSQL accepts no NUL), no half of a surrogate pair. */
export const PlainText = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => /^\P{Cc}*$/u.test(text) && text.isWellFormed(), "must be well-formed Unicode without control characters")
  // The same for readers of the OpenAPI document, most of which know no Unicode classes.
  .meta({ pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" })

/** The currencies of the payment provider, as a closed list. */
const ChargedCurrency = z
  .enum([...chargeLimits.keys()], {
    error: ({ input }) => (input === undefined ? undefined : "must be a currency that the payment provider charges in"),
  })
  .meta({ example: "EUR" })

/**
 * POST /v1/admin/skus. The price must be one that the provider charges for every quantity a shopper may have: within its minimum,
 * maximum and step of the currency.
 */
export const CreateSkuBody = z
  .strictObject({
    sku_id: SkuId,
    name: PlainText,
    price_minor: AmountMinor.meta({ example: 4_900 }),
    currency: ChargedCurrency,
    total_stock: z.int().min(0).max(maxTotalStock),
    per_user_limit: z.int().min(1).max(1_000).default(1),
    hold_seconds: z.int().min(1).max(3_600).default(120),
    waitlist_limit: z.int().min(0).max(maxTotalStock).default(0),
    max_unpaid_holds: z.int().min(1).max(1_000).default(defaultMaxUnpaidHolds),
    opens_at: Moment.optional().meta({ example: "2026-11-27T09:00:00.000Z" }),
    closes_at: Moment.optional().meta({ example: "2026-11-27T10:00:00.000Z" }),
  })
  .refine((sku) => !sku.opens_at || !sku.closes_at || Date.parse(sku.opens_at) < Date.parse(sku.closes_at), {
    path: ["closes_at"],
    message: "must be after opens_at",
  })
  .superRefine(({ price_minor, currency, per_user_limit }, context) => {
    const fault = priceFault(price_minor, currency, per_user_limit)
    if (fault !== undefined) context.addIssue({ code: "custom", path: [fault.field], message: fault.message })
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
      /** Switches also when the queue is not empty, or does not answer. */
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

/** GET /v1/admin/skus; `status` is the shown status, which may be `halted`. */
export const AdminSkuQuery = z.strictObject({ ...SkuPageQuery.shape, status: SaleStatus.optional() })
export type AdminSkuQuery = z.output<typeof AdminSkuQuery>

/** A SKU in the list of its administrator, with the units of its sale. */
export const AdminSkuEntry = AdminSku.extend({
  available: z.int(),
  reserved: z.int(),
  sold: z.int(),
  waitlisted: z.int(),
  ledger_seq: z.int(),
}).meta({ id: "AdminSkuEntry" })
export type AdminSkuEntry = z.infer<typeof AdminSkuEntry>

export const AdminSkuList = z.strictObject({ items: z.array(AdminSkuEntry), next: Next }).meta({ id: "AdminSkuList" })
export type AdminSkuList = z.infer<typeof AdminSkuList>

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
    backlog: z.int().min(0).nullable().meta({
      description:
        "This SKU's undecided records. Null: not known, for other SKUs have records in the queue of the partition, or may.",
    }),
    partition_backlog: z.int().min(0).meta({ description: "Undecided records of the SKU's partition, those of other SKUs too." }),
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
