import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"
import completeScript from "./scripts/complete.lua"

/**
 * The `complete` mark of a sale: Redis holds every live reservation, so that "sold out" may be said without asking PostgreSQL.
 * It goes with whatever Redis loses, because it lives in the same place.
 */
export interface Completeness {
  isComplete(skuNo: number): Promise<boolean>
  /** Notes that loading begins; the token is gone if Redis loses anything meanwhile. */
  begin(skuNo: number): Promise<string>
  /** Sets the mark if nothing was lost since `begin`; says whether it did. */
  finish(skuNo: number, token: string): Promise<boolean>
  /** Takes the mark away: something could not be shown. */
  revoke(skuNo: number): Promise<void>
}

export function createCompleteness(redis: Redis): Completeness {
  redis.defineCommand("complete", { lua: completeScript, numberOfKeys: 1 })
  const call = redis as unknown as { complete(key: string, token: string): Promise<number> }
  return {
    isComplete: async (skuNo) => (await redis.hexists(redisKeys.sale(skuNo), "complete")) === 1,
    async begin(skuNo) {
      const token = randomUUID()
      await redis.hset(redisKeys.sale(skuNo), "loading", token)
      return token
    },
    finish: async (skuNo, token) => (await call.complete(redisKeys.sale(skuNo), token)) === 1,
    async revoke(skuNo) {
      await redis.hdel(redisKeys.sale(skuNo), "complete")
    },
  }
}
