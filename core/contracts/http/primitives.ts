import * as z from "zod"
import type { Instant } from "../../domain/reservation.ts"

/** A SKU's public name. */
export const SkuId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "must be 1 to 64 letters, digits, _ or -, starting with a letter or digit")
  .meta({ id: "SkuId", example: "sku-001" })

/** A moment, RFC 3339 in UTC. */
export const Timestamp = z.iso.datetime({ offset: false }).meta({ example: "2026-11-27T09:00:00.000Z" })

/** A moment of PostgreSQL's clock, in the format of `Timestamp`. */
export const timestampOf = (at: Instant): string => new Date(at / 1_000).toISOString()

/** The same for a moment that may not be set. */
export const timestampOrNull = (at: Instant | null | undefined): string | null => (at == null ? null : timestampOf(at))

/** An ISO 4217 code. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, "must be an ISO 4217 code")
  .meta({ example: "EUR" })

/** Money in the currency's minor unit; 10^12 keeps price x quantity below 2^53. */
export const AmountMinor = z.int().min(0).max(1_000_000_000_000)

/** The largest quantity that the API accepts before it checks the SKU's own limit. */
const maxQuantity = 1_000
export const Quantity = z.int().min(1).max(maxQuantity)

/** 8 to 255 visible ASCII characters without comma (two headers joined) and slash (the name of a batch item has one). */
export const idempotencyKeyPattern = /^[!-+.0-~-]{8,255}$/
export const IdempotencyKey = z
  .string()
  .regex(idempotencyKeyPattern, "must be 8 to 255 visible ASCII characters without comma and slash")
