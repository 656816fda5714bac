import * as z from "zod"
import { problems } from "../problems.ts"
import { Quantity, SkuId, Timestamp } from "./primitives.ts"

/** POST /v1/reservations */
export const ReserveBody = z
  .strictObject({ sku_id: SkuId, quantity: Quantity, join_waitlist: z.boolean().default(false) })
  .meta({ id: "ReserveBody" })

/** The largest number of reservations in one batch call. */
export const maxBatchItems = 1_000

/** An opaque name that a trusted client gives its user. */
const BatchUserId = z.string().regex(/^[!-~]{1,128}$/, "must be 1 to 128 visible characters")

/** POST /v1/reservations/batch */
export const ReserveBatchBody = z
  .strictObject({
    items: z
      .array(z.strictObject({ user_id: BatchUserId, sku_id: SkuId, quantity: Quantity }))
      .min(1)
      .max(maxBatchItems),
  })
  .meta({ id: "ReserveBatchBody" })

export const ReservationStatus = z
  .enum(["QUEUED", "RESERVED", "WAITLISTED", "REFUSED", "CONFIRMED", "EXPIRED", "CANCELLED", "LAPSED"])
  .meta({ id: "ReservationStatus" })

/** A reservation, in every answer that contains one. */
export const Reservation = z
  .strictObject({
    reservation_id: z.uuid(),
    sku_id: SkuId,
    quantity: z.int(),
    status: ReservationStatus,
    reason: z.enum(Object.keys(problems) as [keyof typeof problems]).optional(),
    decided: z.boolean(),
    expires_at: Timestamp.optional(),
    expires_in_seconds: z.number().min(0).optional(),
    position: z.int().min(0).optional().meta({ description: "QUEUED: records ahead in the queue. WAITLISTED: entries ahead." }),
    estimated_wait_ms: z.int().min(0).optional(),
    receipt: z.string().optional(),
    order_id: z.uuid().optional(),
  })
  .meta({ id: "Reservation" })

export type Reservation = z.infer<typeof Reservation>

export const BatchItem = z.union([
  z.strictObject({ reservation_id: z.uuid(), status: ReservationStatus, receipt: z.string().optional() }),
  z.looseObject({ type: z.string(), title: z.string(), status: z.int() }),
])

export const BatchAnswer = z.strictObject({ items: z.array(BatchItem) }).meta({ id: "BatchAnswer" })
export type BatchAnswer = z.infer<typeof BatchAnswer>

/**
 * GET /v1/reservations/{reservation_id}, DELETE and checkout accept the receipt of a 202. Any other text, of any length, is no
 * receipt.
 */
export const ReceiptQuery = z.strictObject({ receipt: z.string().optional() })
