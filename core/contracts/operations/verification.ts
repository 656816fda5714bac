import * as z from "zod"
import { Verification } from "../http/admin.ts"
import { SkuId } from "../http/primitives.ts"
import { read } from "./command.ts"

/** The result of a verification from the ledger. */
export const SaleVerification = z.strictObject({
  ok: z.boolean(),
  entries: z.int(),
  decisions: z.int(),
  /** By SKU number: the largest share of the stock that was held or sold at one time. Never above 1. */
  fullestBySku: z.record(z.string(), z.number()),
  violations: z.array(z.string()),
})
export type SaleVerification = z.output<typeof SaleVerification>

/** How far the writer is behind Kafka, and the relay behind the ledger. */
export const Lag = z.strictObject({
  partitions: z.array(
    z.strictObject({
      partition: z.int(),
      /** Every record below it is decided. Null where provisioning has not written one: the writer then stops. */
      watermark: z.int().nullable(),
      end_offset: z.int(),
      lag: z.int(),
    }),
  ),
  /** The oldest ledger entry that is not published yet. */
  unpublished: z.strictObject({ sku_id: SkuId, seq: z.int(), kind: z.string(), age_ms: z.number() }).nullable(),
})
export type Lag = z.output<typeof Lag>

/** Proofs and positions: they read, and change nothing. */
export const verificationCommands = {
  "verify-sale": read({}, SaleVerification),
  invariants: read({}, Verification),
  lag: read({}, Lag),
}
