import * as z from "zod"
import { SkuId } from "../http/primitives.ts"
import { change, ofSku, read } from "./command.ts"

const SaleInRedis = z.strictObject({
  sku_id: SkuId,
  /** False: Redis does not know the sale. */
  is_known: z.boolean(),
  /** Redis holds every live reservation of the sale. */
  is_complete: z.boolean(),
  available: z.int().nullable(),
})

/** What Redis has. */
export const RedisReport = z.strictObject({
  version: z.string(),
  uptime_seconds: z.int(),
  role: z.string(),
  used_bytes: z.int(),
  /** 0: no limit is set. */
  limit_bytes: z.int(),
  policy: z.string(),
  evicted_keys: z.int(),
  keys: z.int(),
  clients: z.int(),
  hits: z.int(),
  misses: z.int(),
  /** Sales that are not at rest. */
  sales: z.array(SaleInRedis),
})
export type RedisReport = z.output<typeof RedisReport>

/** Redis, which may lose everything: what these commands remove, the sweeper writes again. */
export const redisCommands = {
  redis: read({}, RedisReport),
  "redis-reload": change(ofSku, SaleInRedis),
  "redis-flush": change({ confirmed: z.literal(true) }, z.strictObject({ removed_keys: z.int() })),
}
