import type { Pool } from "pg"
import { type AdminSkuRow, readAdminSkuRow } from "../../adapters/postgres/admin-skus.ts"
import type { SaleFiguresReader } from "../../adapters/redis/sale-figures.ts"
import { cannotTell, doesNotApply, type Finding } from "../../domain/preflight/line.ts"
import {
  type ExpectedSale,
  judgeCache,
  judgeMode,
  judgeRecord,
  judgeUntouched,
  type SaleRecord,
} from "../../domain/preflight/sale.ts"
import { refusalReasons } from "../../domain/reservation.ts"
import type { PreflightCheck } from "./run-checks.ts"

export interface SaleCheckDeps {
  readonly pool: Pool
  readonly requestsTopic: string
  /** Connects to Redis at the first use. */
  readonly figures: () => Promise<Pick<SaleFiguresReader, "read">>
}

/** The record of each sale that is to open, and its copy in Redis. */
export function saleChecks({ pool, requestsTopic, figures }: SaleCheckDeps, sales: readonly ExpectedSale[]): PreflightCheck[] {
  const read = (skuId: string) => readAdminSkuRow(pool, skuId, requestsTopic)
  return sales.flatMap((expected): PreflightCheck[] => {
    const { sku_id: skuId } = expected
    return [
      {
        part: "sale",
        items: [`${skuId}: record`, `${skuId}: no old reservations`, `${skuId}: mode`],
        lookWith: `ops stats ${skuId}`,
        async run() {
          const row = await read(skuId)
          if (row === undefined) return [judgeRecord(expected, undefined), nothingOf(skuId), nothingOf(skuId)]
          const record = recordOf(row)
          return [judgeRecord(expected, record), judgeUntouched(skuId, record), judgeMode(skuId, record)]
        },
      },
      {
        part: "sale",
        items: [`${skuId}: stock in Redis`],
        lookWith: `ops reconcile ${skuId}`,
        async run() {
          const row = await read(skuId)
          if (row === undefined) return [nothingOf(skuId)]
          return [judgeCache(skuId, recordOf(row), await (await figures()).read(row.sku_no))]
        },
      },
    ]
  })
}

/** A system may have no sale to look at. */
export const noSale: PreflightCheck = {
  part: "sale",
  items: ["next sale"],
  lookWith: "ops sale list",
  run: async () => [doesNotApply("no sale has an opening time in the future; name a SKU to look at it")],
}

const nothingOf = (skuId: string): Finding => cannotTell(`there is no SKU ${skuId}`, "ops sale list")

const microsecondsPerMs = 1_000
const inMs = (at: number | null) => (at === null ? null : Math.round(at / microsecondsPerMs))

const recordOf = (row: AdminSkuRow): SaleRecord => ({
  ...{ total: row.total_stock, reserved: row.reserved_count, sold: row.sold_count, waitlisted: row.waitlisted },
  ...{ priceMinor: row.price_minor, holdSeconds: row.hold_seconds, status: row.status, mode: row.mode, frozen: row.frozen },
  decided: refusalReasons.reduce((sum, reason) => sum + row[reason], row.decided_reserved + row.decided_waitlisted),
  ...{ opensAtMs: inMs(row.opens_at), closesAtMs: inMs(row.closes_at), nowMs: Math.round(row.now / microsecondsPerMs) },
})
