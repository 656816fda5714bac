import type { QueueMark } from "../../adapters/redis/completeness.ts"

/** The mark that is being earned: it is due once every partition is decided up to what was acknowledged when it began. */
interface Earning {
  readonly token: string
  readonly ends: ReadonlyMap<number, number>
}

/**
 * Keeps the mark of the queue: Redis knows of every request that is accepted and not decided. A request enters Redis before it enters the
 * queue, so that only a Redis that lost something does not know of it, and only until the request is decided. So the mark hangs on the
 * partitions alone, and on no sale: after a loss it is due when all partitions are decided up to their ends of then.
 */
export function createQueueMark(queue: QueueMark) {
  let earning: Earning | undefined

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
      earning = undefined
      return
    }
    // The token before the ends: what is acknowledged after the ends were read is shown to a Redis that keeps the token.
    earning ??= { token: await queue.begin(), ends: await endOffsets() }
    const isDecided = [...earning.ends].every(([partition, end]) => (watermarks.get(partition) ?? 0) >= end)
    if (!isDecided) return
    await queue.finish(earning.token)
    earning = undefined
  }
}
