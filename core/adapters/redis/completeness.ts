import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"
import completeScript from "./scripts/complete.lua"

/** A mark that goes with whatever Redis loses, because it lives in the same place. */
export interface Mark {
  /** Notes that loading begins; the token is gone if Redis loses anything meanwhile. */
  begin(): Promise<string>
  /** Sets the mark if nothing was lost since `begin`; says whether it did. */
  finish(token: string): Promise<boolean>
}

export interface Completeness {
  /** Which of these sales are marked. */
  ofSales(skuNos: readonly number[]): Promise<ReadonlySet<number>>
  /** The mark of a sale: Redis holds every live reservation, so that "sold out" may be said without asking PostgreSQL. */
  sale(skuNo: number): Mark
  isQueueComplete(): Promise<boolean>
  /** The mark of the queue: Redis knows of every request that is accepted and not decided, so that "you hold nothing" may be said. */
  readonly queue: Mark
}

/** What `complete` says of a sale or of the queue. */
export const isMarked = async (redis: Redis, key: string): Promise<boolean> => (await redis.hexists(key, "complete")) === 1

export function createCompleteness(redis: Redis): Completeness {
  redis.defineCommand("complete", { lua: completeScript, numberOfKeys: 1 })
  const call = redis as unknown as { complete(key: string, token: string): Promise<number> }

  const markAt = (key: string): Mark => ({
    async begin() {
      const token = randomUUID()
      await redis.hset(key, "loading", token)
      return token
    },
    finish: async (token) => (await call.complete(key, token)) === 1,
  })

  return {
    async ofSales(skuNos) {
      const marked = await Promise.all(skuNos.map((skuNo) => isMarked(redis, redisKeys.sale(skuNo))))
      return new Set(skuNos.filter((_, index) => marked[index]))
    },
    sale: (skuNo) => markAt(redisKeys.sale(skuNo)),
    isQueueComplete: () => isMarked(redis, redisKeys.queue),
    queue: markAt(redisKeys.queue),
  }
}
