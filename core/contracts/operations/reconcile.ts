import * as z from "zod"
import { type DifferenceKind, differenceKinds } from "../../domain/reconcile.ts"
import { SkuId } from "../http/primitives.ts"
import { change, read } from "./command.ts"

/** SKUs of one reconciliation. */
export const maxReconciledSkus = 100
/** Ids that are listed of one difference, at most. */
export const maxListedIds = 1_000

/** The sources, in the order of the table. */
export const sources = ["kafka", "ledger", "inventory", "reservations", "redis", "orders", "provider"] as const
export type Source = (typeof sources)[number]

/** A number; null where the source does not know it; "away" where the source does not answer. */
const Figure = z.union([z.number(), z.literal("away")]).nullable()
export type Figure = z.output<typeof Figure>

const figures = Object.fromEntries(sources.map((source) => [source, Figure])) as Record<Source, typeof Figure>
const kinds = Object.keys(differenceKinds) as [DifferenceKind, ...DifferenceKind[]]

/** Two sources that do not say the same of a sale. */
export const Difference = z.strictObject({
  kind: z.enum(kinds),
  sku_id: SkuId,
  /** What each source says. */
  detail: z.string(),
  count: z.int(),
  /** The first ids: of reservations, orders or records, or the provider's names of payments. */
  ids: z.array(z.string()),
  /** What --apply does; null: nothing, the heading of the runbook says what to do. */
  mend: z.string().nullable(),
  heading: z.string(),
})
export type Difference = z.output<typeof Difference>

/** What every source says of some sales, and where they differ. */
export const Reconciliation = z.strictObject({
  sales: z.array(z.strictObject({ sku_id: SkuId, figures: z.array(z.strictObject({ what: z.string(), ...figures })) })),
  differences: z.array(Difference),
  away: z.array(z.enum(sources)),
  /** Payments at the provider whose reservation is not of this system: no command touches them. */
  payments_of_others: z.int().nullable(),
})
export type Reconciliation = z.output<typeof Reconciliation>

/** What became of the mending of one difference. */
export const Mended = z.strictObject({
  mended: z.int(),
  failed: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
})
export type Mended = z.output<typeof Mended>

/** Comparison of all sources of a sale, and what brings them together again. */
export const reconcileCommands = {
  reconcile: read(
    {
      /** Absent: the sales whose ledger grew within `hours`. */
      sku_ids: z.array(SkuId).min(1).max(maxReconciledSkus).optional(),
      limit: z.int().min(1).max(maxListedIds).default(20),
      /** How far back payments and refunds are compared. */
      hours: z.int().min(1).max(720).default(24),
    },
    Reconciliation,
  ),
  /** Mends a difference of a kind that has a way to be mended. What is mended already stays as it is. */
  "reconcile-mend": change(
    { kind: z.enum(kinds), sku_id: SkuId, ids: z.array(z.string().min(1).max(100)).min(1).max(maxListedIds) },
    Mended,
  ),
}
