import type { QueueMark } from "../../adapters/redis/completeness.ts"

/** A mark on its way: it may be set once every partition is decided up to the end that it had when this began. */
interface PendingMark {
  readonly token: string
  readonly ends: ReadonlyMap<number, number>
}

/**
 * Keeps the mark of the queue: Redis knows every request that is accepted and not decided. A request enters Redis before it
 * enters the queue. So only a Redis that lost data lacks it, and only until the request is decided. The mark depends on the
 * partitions alone, and on no sale: after a loss it may be set when every partition is decided up to the end that it had at the
 * time of the loss.
 */
export function createQueueMark(queue: QueueMark) {
  let pending: PendingMark | undefined

  /**
   * One step, which never waits.
   * @param watermarks of the partitions, read before the call
   * @throws when Redis or Kafka does not answer
   */
  return async (
    watermarks: ReadonlyMap<number, number>,
    endOffsets: () => Promise<ReadonlyMap<number, number>>,
  ): Promise<void> => {
    if (await queue.isComplete()) {
      pending = undefined
      return
    }
    // The token comes before the ends: a request that is acknowledged after the ends were read is written to a Redis that keeps
    // the token.
    pending ??= { token: await queue.begin(), ends: await endOffsets() }
    const isDecided = [...pending.ends].every(([partition, end]) => (watermarks.get(partition) ?? 0) >= end)
    if (!isDecided) return
    await queue.finish(pending.token)
    pending = undefined
  }
}
