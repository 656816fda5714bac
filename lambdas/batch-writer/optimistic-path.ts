import type { OptimisticWriter } from "../../core/adapters/postgres/optimistic-writer.ts"
import type { Committed } from "../../core/adapters/postgres/transaction.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { type Batch, firstBatch, optimisticScopeOf, type PartitionRecords, planOf, type TopicPartition } from "./batch.ts"
import type { Delivery } from "./delivery.ts"

/** Batches that are sent before the first of them is answered: PostgreSQL writes one while the next is decided. */
const maxBatchesInFlight = 2

/** The fast path: decides on the state that the writer remembers, and lets the server check it (ADR 0010). */
export interface OptimisticPath {
  /** Writes records while the path can, and returns the records from the first batch that it did not write. */
  write(delivered: PartitionRecords, delivery: Delivery): Promise<readonly MskRecord[]>
  /** Notes how a transaction under locks left the sales: the next batch of the partition may be decided on that. */
  remember(partition: TopicPartition, committed: Committed): void
}

/** Called for each written batch, with the moment at which it was sent. */
export type OnWritten = (batch: Batch, committed: Committed, startedMs: number, delivery: Delivery) => void

interface SentBatch {
  readonly batch: Batch
  readonly startedMs: number
  readonly committed: Promise<Committed>
}

/**
 * @param newWriter makes the optimistic writer of one partition; undefined: no batch takes this path
 * @param sizeOf how many of the waiting records become one batch
 */
export function createOptimisticPath(
  newWriter: (() => OptimisticWriter) | undefined,
  onWritten: OnWritten,
  sizeOf: (waiting: number) => number,
): OptimisticPath {
  const writers = new Map<string, OptimisticWriter>()

  function writerOf({ topic, partition }: TopicPartition): OptimisticWriter | undefined {
    const key = `${topic}/${partition}`
    const known = writers.get(key)
    if (known !== undefined || newWriter === undefined) return known
    const writer = newWriter()
    writers.set(key, writer)
    return writer
  }

  function send(writer: OptimisticWriter, unsent: PartitionRecords): SentBatch | undefined {
    const batch = firstBatch(unsent, sizeOf(unsent.records.length))
    const committed = writer.attempt(optimisticScopeOf(batch), (loaded) => planOf(batch, loaded))
    if (committed === undefined) return undefined
    // A failure is seen when the batch's turn comes; until then it must not count as unhandled.
    committed.catch(() => {})
    return { batch, startedMs: performance.now(), committed }
  }

  return {
    async write(delivered, delivery) {
      const writer = writerOf(delivered)
      if (writer === undefined) return delivered.records
      const inFlight: SentBatch[] = []
      let unsent = delivered.records
      let unwritten = delivered.records
      for (;;) {
        while (unsent.length > 0 && inFlight.length < maxBatchesInFlight) {
          const sent = send(writer, { ...delivered, records: unsent })
          if (sent === undefined) break
          inFlight.push(sent)
          unsent = unsent.slice(sent.batch.records.length)
        }
        const oldest = inFlight.shift()
        if (oldest === undefined) return unwritten
        try {
          onWritten(oldest.batch, await oldest.committed, oldest.startedMs, delivery)
        } catch {
          // The locked path finds out why. Before it starts, the batches sent behind this one must have failed as well.
          await Promise.allSettled(inFlight.map(({ committed }) => committed))
          return unwritten
        }
        unwritten = unwritten.slice(oldest.batch.records.length)
      }
    },
    remember(partition, committed) {
      writerOf(partition)?.remember(committed)
    },
  }
}
