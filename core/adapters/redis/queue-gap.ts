import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"

/**
 * Requests of this process that are in the queue and missing in Redis. Before this process uses Redis again, it removes the mark
 * of the queue: otherwise a shopper of such a request could read "you hold nothing". The sweeper sets the mark again when those
 * requests are decided.
 */
export interface QueueGap {
  /** Counts a request that is in the queue and missing in Redis. */
  note(): void
  /**
   * Makes a call to Redis; when there is a gap, it removes the mark first. The first call after the outage does it, not a timer:
   * a process may be frozen after its answer. @throws the errors of Redis
   */
  closeThen<T>(call: () => Promise<T>): Promise<T>
}

export function createQueueGap(redis: Redis): QueueGap {
  let gaps = 0

  async function close(): Promise<void> {
    const known = gaps
    await redis.hdel(redisKeys.queue, "complete", "loading")
    gaps -= known
  }

  return {
    note() {
      gaps += 1
    },
    closeThen: (call) => (gaps === 0 ? call() : close().then(call)),
  }
}
