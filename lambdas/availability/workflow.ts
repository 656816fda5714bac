import type { SkuRecord } from "../../core/adapters/postgres/sku-directory.ts"
import { away } from "../../core/adapters/redis/guard.ts"
import type { Stock } from "../../core/adapters/redis/reads.ts"
import { count, record } from "../../core/adapters/telemetry.ts"
import { watched } from "../../core/adapters/watched-call.ts"
import { timestampOf, timestampOrNull } from "../../core/contracts/http/primitives.ts"
import type { Availability } from "../../core/contracts/http/skus.ts"
import { NotFound } from "../../core/domain/errors.ts"
import type { Instant } from "../../core/domain/reservation.ts"
import { publicSaleStatus } from "../../core/domain/sale-status.ts"
import type { ReadParts } from "../../core/runtime/read-runtime.ts"

/**
 * The stock of a SKU as Redis has it, or as PostgreSQL had it at most a second ago. One read of PostgreSQL serves all calls
 * meanwhile.
 * @throws NotFound; PostgreSQL's errors when Redis has no recent stock
 */
export function availability(parts: ReadParts, skuId: string): Promise<Availability> {
  return watched("availability", async () => {
    const startedMs = performance.now()
    try {
      return await readAvailability(parts, skuId)
    } finally {
      record("availability.latency", performance.now() - startedMs)
    }
  })
}

async function readAvailability({ directory, guard, redisReads }: ReadParts, skuId: string): Promise<Availability> {
  const sku = await directory.findTimely(skuId)
  if (sku === undefined) throw new NotFound("sku")
  const startedMs = performance.now()
  const known = await guard.ask(() => redisReads.stock(sku.sale.skuNo))
  record("cache.latency", performance.now() - startedMs)
  if (known !== away && known !== undefined) {
    count("availability.cache.hit")
    return availabilityOf(skuId, known, directory.now())
  }
  // A lookup that Redis could not answer because it is away is no miss: RedisAway says so.
  if (known !== away) count("availability.cache.miss")
  const fresh = (await directory.findFresh(skuId)) ?? sku
  return availabilityOf(skuId, stockOf(fresh), directory.now())
}

/** @param now a moment that PostgreSQL's clock has passed */
function availabilityOf(skuId: string, stock: Stock, now: Instant): Availability {
  return {
    sku_id: skuId,
    available: stock.available,
    total: stock.total,
    status: publicSaleStatus(stock, now),
    opens_at: timestampOrNull(stock.opensAt),
    closes_at: timestampOrNull(stock.closesAt),
    as_of: timestampOf(stock.asOf),
  }
}

function stockOf({ sale, asOf }: SkuRecord): Stock {
  const { total, reserved, sold } = sale.balances
  return { ...sale, available: total - reserved - sold, total, asOf }
}
