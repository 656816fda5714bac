import { setTimeout as delay } from "node:timers/promises"
import type { EachBatchPayload } from "kafkajs"
import { createPartitionWorker, type Deliver, type PartitionWorker } from "./partition-worker.ts"

/**
 * After this time a delivery continues alone: its partition is paused, and meanwhile the consumer fetches the others and sends
 * heartbeats to the group.
 */
const patienceMs = 200

export interface BatchHandling {
  readonly topic: string
  /** Records of one delivery. */
  readonly batchSize: number
  readonly deliver: Deliver
  /** Called after each delivery with the number of records that are left in the partition. */
  readonly onLag: ((partition: number, records: number) => void) | undefined
  readonly stop: AbortSignal
}

export interface Batches {
  /** Delivers one fetched batch, or pauses its partition until that is possible. */
  readonly handle: (payload: EachBatchPayload, isCurrent: () => boolean) => Promise<void>
  /** Resolves when no delivery is in progress. */
  readonly settled: () => Promise<unknown>
}

/** Hands fetched batches to the worker of their partition. The workers outlive a consumer that crashes. */
export function createBatches({ topic, batchSize, deliver, onLag, stop }: BatchHandling): Batches {
  const workers = new Map<number, PartitionWorker>()

  const workerOf = (partition: number): PartitionWorker => {
    const worker = workers.get(partition) ?? createPartitionWorker({ topic, partition, batchSize, deliver })
    workers.set(partition, worker)
    return worker
  }

  const pauseUntil = async (payload: EachBatchPayload, settled: Promise<unknown>) => {
    const resume = payload.pause()
    await settled
    if (!stop.aborted) resume()
  }

  return {
    settled: () => Promise.all([...workers.values()].map(({ busy }) => busy)),
    async handle(payload, isCurrent) {
      const { partition, messages, highWatermark } = payload.batch
      if (stop.aborted) {
        payload.pause()
        return
      }
      const worker = workerOf(partition)
      // The group assigned the partition again while the function still worked on it.
      if (worker.busy) {
        void pauseUntil(payload, worker.busy)
        return
      }
      const delivery = worker.deliver({ messages, checkpoint: checkpointOf(payload, isCurrent) }, () => stop.aborted)
      const waitMs = await Promise.race([delivery, delay(patienceMs, undefined)])
      if (waitMs !== 0)
        void pauseUntil(
          payload,
          delivery.then((backoffMs) => pauseFor(backoffMs, stop)),
        )
      onLag?.(partition, Number(highWatermark) - Number(messages.at(-1)?.offset) - 1)
    },
  }
}

/** Waits, but not longer than until `stop` is aborted. */
export const pauseFor = (milliseconds: number, stop: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, { signal: stop }).catch(() => {})

/**
 * Commits an offset and continues from there. If the group assigned the partition again meanwhile, it throws instead: the new
 * owner starts at the last commit.
 */
function checkpointOf({ batch, commitOffsetsIfNecessary, resolveOffset }: EachBatchPayload, isCurrent: () => boolean) {
  const { topic, partition } = batch
  return async (nextOffset: number) => {
    if (!isCurrent()) throw new Error("The group assigned the partition again during the delivery")
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }] })
    if (isCurrent()) resolveOffset(String(nextOffset - 1))
  }
}
