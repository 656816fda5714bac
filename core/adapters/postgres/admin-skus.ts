import { createHash } from "node:crypto"
import type { Pool } from "pg"
import { type CreateSkuBody, defaultMaxUnpaidHolds } from "../../contracts/http/admin.ts"
import type { Instant, RefusalReason } from "../../domain/reservation.ts"
import type { SaleStatus, WriteMode } from "../../domain/sale.ts"
import { bytes, integer, nullable, text } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import createSkuText from "./statements/create-sku.sql"
import readAdminSkuText from "./statements/read-admin-sku.sql"
import readAdminSkusText from "./statements/read-admin-skus.sql"

const readAdminSku = statement(readAdminSkuText, { sku_id: text, topic: text })
const readAdminSkus = statement(readAdminSkusText, { after: integer, limit: integer, status: nullable(text) })
const insertSku = statement(createSkuText, {
  topic: text,
  sku_id: text,
  name: text,
  price_minor: integer,
  currency: text,
  total_stock: integer,
  per_user_limit: integer,
  hold_seconds: integer,
  waitlist_limit: integer,
  opens_at: nullable(text),
  closes_at: nullable(text),
  definition_hash: bytes,
  max_unpaid_holds: integer,
})

/** A SKU with the units of its sale, as of one snapshot. */
export type AdminSkuListRow = {
  readonly sku_no: number
  readonly sku_id: string
  readonly name: string
  readonly price_minor: number
  readonly currency: string
  readonly total_stock: number
  readonly reserved_count: number
  readonly sold_count: number
  readonly waitlisted: number
  readonly per_user_limit: number
  readonly hold_seconds: number
  readonly waitlist_limit: number
  readonly max_unpaid_holds: number
  readonly status: SaleStatus
  readonly mode: WriteMode
  readonly frozen: boolean
  readonly opens_at: Instant | null
  readonly closes_at: Instant | null
  readonly now: Instant
  readonly seq: number
}

/** The same with its counters and the facts that a change of it needs. */
export type AdminSkuRow = AdminSkuListRow & {
  readonly definition_hash: Buffer
  readonly partition: number
  readonly next_offset: number | null
  /** Other SKUs may have records in the queue of the partition: they are, or were, for sale. */
  readonly shares_partition: boolean
  readonly decided_reserved: number
  readonly decided_waitlisted: number
} & Readonly<Record<RefusalReason, number>>

/** Reads a SKU; undefined if there is none. @throws PostgreSQL's errors */
export async function readAdminSkuRow(pool: Pool, skuId: string, requestsTopic: string): Promise<AdminSkuRow | undefined> {
  const { rows } = await pool.query<AdminSkuRow>(readAdminSku({ sku_id: skuId, topic: requestsTopic }))
  return rows[0]
}

/** Reads the SKUs after a number, oldest first, all or those of one shown status. @throws PostgreSQL's errors */
export async function readAdminSkuRows(
  pool: Pool,
  { after, limit, status }: { readonly after: number; readonly limit: number; readonly status?: string | undefined },
): Promise<AdminSkuListRow[]> {
  const { rows } = await pool.query<AdminSkuListRow>(readAdminSkus({ after, limit, status }))
  return rows
}

/** Identifies what the administrator asked for: the same definition again is a retry, another one a conflict. */
export function definitionHashOf({ max_unpaid_holds, ...sku }: CreateSkuBody): Buffer {
  // A definition from before this limit is the same as one that leaves the limit out.
  const definition = max_unpaid_holds === defaultMaxUnpaidHolds ? sku : { ...sku, max_unpaid_holds }
  const ordered = Object.entries(definition).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash("sha256").update(JSON.stringify(ordered)).digest()
}

/**
 * Creates a SKU with its sale in draft.
 *
 * @returns its number, or undefined if the SKU exists already
 * @throws PostgreSQL's errors; P0002 when the topic has no watermarks, because it was not provisioned
 */
export async function createSku(pool: Pool, sku: CreateSkuBody, requestsTopic: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ sku_no: number | null }>(
    insertSku({
      ...sku,
      topic: requestsTopic,
      opens_at: sku.opens_at,
      closes_at: sku.closes_at,
      definition_hash: definitionHashOf(sku),
    }),
  )
  return rows[0]?.sku_no ?? undefined
}
