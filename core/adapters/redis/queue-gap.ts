import { setTimeout as delay } from "node:timers/promises"
import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"

const healIntervalMs = 250

/**
 * Notes that a request is in the queue and Redis was not told of it: the mark of the queue goes as soon as Redis answers, and the sweeper
 * gives it again once the request is decided. Until then nobody may be told that they hold nothing. Never throws.
 */
export function createQueueGap(redis: Redis): () => void {
  let gaps = 0
  let healing = false

  async function heal(): Promise<void> {
    healing = true
    while (gaps > 0) {
      const known = gaps
      try {
        await redis.hdel(redisKeys.queue, "complete", "loading")
        gaps -= known
      } catch {
        await delay(healIntervalMs, undefined, { ref: false })
      }
    }
    healing = false
  }

  return () => {
    gaps += 1
    if (!healing) void heal()
  }
}
