import type { SkuRecord } from "../../core/adapters/postgres/sku-directory.ts"
import { away } from "../../core/adapters/redis/guard.ts"
import type { Stock } from "../../core/adapters/redis/reads.ts"
import { count, record } from "../../core/adapters/telemetry.ts"
import type { Availability } from "../../core/contracts/http/skus.ts"
import { problem } from "../../core/contracts/problems.ts"
import type { Instant } from "../../core/domain/reservation.ts"
import { shownStatus } from "../../core/domain/sale-status.ts"
import type { ReadSide } from "../../core/runtime/read-runtime.ts"

/**
 * The stock of a SKU: as Redis has it, or PostgreSQL at most a second ago, where one read serves everyone who asks meanwhile.
 * @throws ProblemError sku-not-found; PostgreSQL's errors when Redis does not know either
 */
export async function availability({ directory, guard, redisReads }: ReadSide, skuId: string): Promise<Availability> {
  const sku = await directory.findTimely(skuId)
  if (sku === undefined) throw problem("sku-not-found")
  const startedMs = performance.now()
  const known = await guard.ask(() => redisReads.stock(sku.sale.skuNo))
  record("cache.latency", performance.now() - startedMs)
  if (known !== away && known !== undefined) {
    count("availability.cache.hit")
    return availabilityOf(skuId, known, directory.now())
  }
  count("availability.cache.miss")
  const fresh = (await directory.findFresh(skuId)) ?? sku
  return availabilityOf(skuId, stockOf(fresh), directory.now())
}

/** @param now a moment that PostgreSQL's clock has passed */
function availabilityOf(skuId: string, stock: Stock, now: Instant): Availability {
  return {
    sku_id: skuId,
    available: stock.available,
    total: stock.total,
    status: shownStatus(stock, now),
    opens_at: timestamp(stock.opensAt),
    closes_at: timestamp(stock.closesAt),
    as_of: new Date(stock.asOf / 1_000).toISOString(),
  }
}

function stockOf({ sale, asOf }: SkuRecord): Stock {
  const { total, reserved, sold } = sale.balances
  return { ...sale, available: total - reserved - sold, total, asOf }
}

const timestamp = (at: Instant | undefined): string | null => (at === undefined ? null : new Date(at / 1_000).toISOString())
