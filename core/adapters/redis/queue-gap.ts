import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"

/**
 * Requests of this process that are in the queue and that Redis was not told of: until the mark of the queue is gone, nobody may
 * be told that they hold nothing. The sweeper gives the mark again once those requests are decided.
 */
export interface QueueGap {
  /** A request is in the queue, and Redis does not know. */
  note(): void
  /**
   * Makes a call to Redis, and takes the mark away before it where there is a gap. The call that finds Redis back does it, not a
   * timer: a process may be frozen after its answer. @throws what Redis throws
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
