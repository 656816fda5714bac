import { failureKind } from "../../core/adapters/failure-kind.ts"
import type { OptimisticWriter } from "../../core/adapters/postgres/optimistic-writer.ts"
import type { Transact } from "../../core/adapters/postgres/transaction.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { batchSize } from "../../core/domain/batch-size.ts"
import type { ProjectionDeps } from "../../core/workflows/allocation/project-commit.ts"
import { type Batch, firstBatch, nameOf, OffsetsDisagree } from "./batch.ts"
import { createBatchReport } from "./batch-report.ts"
import { createBlockage } from "./blockage.ts"
import type { Delivery } from "./delivery.ts"
import { createEvidence, type Evidence } from "./evidence.ts"
import { createLockedPath } from "./locked-path.ts"
import { OpensShortly } from "./opening.ts"
import { createOptimisticPath, type OnWritten } from "./optimistic-path.ts"
import { bisect, createRecordJudge } from "./quarantine.ts"

/** Immediate retries after a lost race. After them the partition waits between two tries, as in an outage. */
const maxConflicts = 3

export interface WriterDeps extends ProjectionDeps {
  readonly transact: Transact
  /**
   * Makes the optimistic writer of one partition. Undefined: every batch is loaded under locks. The property is required, because
   * a caller that forgets it would only be slower, and no check would show it.
   */
  readonly optimisticWriter: (() => OptimisticWriter) | undefined
  /** Records of every transaction, for a test or a benchmark; otherwise as the backlog and the operators' setting say. */
  readonly batchRecords?: number
  /** Gives the evidence about a record; a test plants one that checks nothing. */
  readonly evidence?: Evidence
}

export interface Writer {
  /**
   * Decides the records of one partition, in offset order; each transaction covers up to 1,000 of them. Records that are decided
   * already stay as they are, so that any delivery may come twice.
   *
   * @param timeLeftMs when it runs out, an outage is left to the redelivery
   * @returns where it stopped and why: OffsetsDisagree, OpensShortly, or PostgreSQL's error when time ran out
   */
  write(topic: string, partition: number, records: readonly MskRecord[], timeLeftMs: () => number): Promise<WriteResult>
}

export type WriteResult =
  | { readonly kind: "written" }
  | { readonly kind: "stopped"; readonly firstUnprocessed: number; readonly error: unknown }

/** The single writer of each partition: the only process that decides queued requests. */
export function createWriter(deps: WriterDeps): Writer {
  const { pool, transact, batchRecords, evidence = createEvidence(transact) } = deps
  const blockage = createBlockage()
  const report = createBatchReport(deps)
  /** What operators chose; each answer of PostgreSQL brings it, for the batches after it. */
  let chosenRecords: number | undefined
  const sizeOf = (waiting: number): number => batchRecords ?? batchSize(waiting, chosenRecords)
  const onWritten: OnWritten = (batch, committed, startedMs, delivery) => {
    chosenRecords = committed.chosenBatchRecords
    blockage.over(nameOf(batch))
    report.written(batch, committed, startedMs, delivery)
  }
  const optimistic = createOptimisticPath(deps.optimisticWriter, onWritten, sizeOf)
  const locked = createLockedPath({
    pool,
    transact,
    onWritten(batch, committed, startedMs, delivery) {
      optimistic.remember(batch, committed)
      onWritten(batch, committed, startedMs, delivery)
    },
    onPostponed: report.postponed,
  })
  const judge = createRecordJudge({ transact, evidence, commit: locked.commit })

  return {
    async write(topic, partition, records, timeLeftMs) {
      const delivery: Delivery = { timeLeftMs, projections: [] }
      let rest = records
      try {
        while (rest.length > 0) {
          rest = await optimistic.write({ topic, partition, records: rest }, delivery)
          if (rest.length === 0) break
          const next = await writeLocked(firstBatch({ topic, partition, records: rest }, sizeOf(rest.length)), delivery)
          rest = rest.filter(({ offset }) => offset >= next)
        }
        return { kind: "written" }
      } catch (error) {
        return { kind: "stopped", firstUnprocessed: rest[0]?.offset ?? 0, error }
      } finally {
        await Promise.all(delivery.projections)
      }
    },
  }

  /**
   * Tries until the batch is written, or another delivery has written it; returns the offset to go on from. A record goes to
   * quarantine only on evidence; every other failure waits.
   */
  async function writeLocked(batch: Batch, delivery: Delivery): Promise<number> {
    let [conflicts, failures] = [0, 0]
    for (;;) {
      try {
        return await locked.commitOrSkip(batch, delivery)
      } catch (error) {
        if (error instanceof OffsetsDisagree || error instanceof OpensShortly) throw error
        if (failureKind(error) === "conflict" && ++conflicts <= maxConflicts) continue
        if (evidence.speaksOfData(error)) {
          if (batch.records.length > 1) return bisect(batch, (half) => writeLocked(half, delivery))
          const next = await judge(batch, error, delivery)
          if (next !== undefined) return next
        }
        failures += 1
        await blockage.waitOut(nameOf(batch), error, failures, delivery.timeLeftMs)
      }
    }
  }
}
