import { setTimeout as delay } from "node:timers/promises"
import type { Redis } from "ioredis"
import { type SkuNumber, skuNumbers } from "../../../core/adapters/postgres/sku-numbers.ts"
import { createSaleFigures } from "../../../core/adapters/redis/sale-figures.ts"
import { serverReport } from "../../../core/adapters/redis/server-report.ts"
import type { RedisReport, redisCommands } from "../../../core/contracts/operations/redis.ts"
import { NotFound } from "../../../core/domain/errors.ts"
import type { Handlers } from "./handlers.ts"

/** Sales that the report shows. */
const mostSales = 100
/** The sweeper loads a sale once a second. */
const reloadWithinMs = 10_000
const pollMs = 200

/** Redis, which may lose everything. */
export const redisHandlers: Handlers<keyof typeof redisCommands> = {
  redis: async (parts) => {
    const redis = await parts.redis()
    const sales = await skuNumbers(await parts.readerPool(), { limit: mostSales })
    return { ...(await serverReport(redis)), sales: await Promise.all(sales.map((sale) => saleIn(redis, sale))) }
  },
  "redis-reload": async (parts, { sku_id: skuId }) => {
    const [sale] = await skuNumbers(await parts.readerPool(), { skuId, limit: 1 })
    if (sale === undefined) throw new NotFound("sku")
    const redis = await parts.redis()
    await createSaleFigures(redis).forget(sale.sku_no)
    const endsAtMs = performance.now() + reloadWithinMs
    for (;;) {
      const shown = await saleIn(redis, sale)
      if (shown.is_complete || performance.now() > endsAtMs) return shown
      await delay(pollMs)
    }
  },
  "redis-flush": async (parts) => {
    const redis = await parts.redis()
    const removed = await redis.dbsize()
    await redis.flushall()
    return { removed_keys: removed }
  },
}

async function saleIn(redis: Redis, { sku_id, sku_no }: SkuNumber): Promise<RedisReport["sales"][number]> {
  const shown = await createSaleFigures(redis).read(sku_no)
  if (shown === undefined) return { sku_id, is_known: false, is_complete: false, available: null }
  const { total, reserved, sold, isComplete } = shown
  return { sku_id, is_known: true, is_complete: isComplete, available: total - reserved - sold }
}
