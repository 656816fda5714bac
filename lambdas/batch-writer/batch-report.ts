import type { Committed } from "../../core/adapters/postgres/transaction.ts"
import { createQueueHistory } from "../../core/domain/queue-history.ts"
import { type ProjectionDeps, projectCommit } from "../../core/workflows/allocation/project-commit.ts"
import { type Batch, nextOffsetOf } from "./batch.ts"
import type { Delivery } from "./delivery.ts"
import { measure } from "./measure.ts"
import { rateMeter } from "./rate-meter.ts"
import { traceBatch } from "./traces.ts"

/** Reports what the writer committed: to the metrics and to Redis. */
export interface BatchReport {
  /** Reports a written batch. @param startedMs when its first statement was sent, on the monotonic clock */
  written(batch: Batch, committed: Committed, startedMs: number, delivery: Delivery): void
  /** Reports a transaction that decided no record of the batch: it only did what was due. */
  postponed(committed: Committed, delivery: Delivery): void
}

/** Keeps for each partition how fast it is decided, and which progress shoppers were shown. */
export function createBatchReport(deps: ProjectionDeps): BatchReport {
  const partitions = new Map<number, ReturnType<typeof newPartition>>()

  function partitionOf(partition: number) {
    const known = partitions.get(partition) ?? newPartition()
    partitions.set(partition, known)
    return known
  }

  return {
    written(batch, committed, startedMs, { projections }) {
      const { partition } = batch
      const { rate, history } = partitionOf(partition)
      measure(batch, committed, performance.now() - startedMs, history)
      const decisionsPerSecond = rate.add(batch.records.length)
      const progress = { partition, nextOffset: nextOffsetOf(batch), decisionsPerSecond }
      history.add(Date.now(), progress)
      const shown = traceBatch(batch, startedMs)
      projections.push(projectCommit(deps, committed, progress).then(shown))
    },
    postponed(committed, { projections }) {
      projections.push(projectCommit(deps, committed))
    },
  }
}

const newPartition = () => ({ rate: rateMeter(), history: createQueueHistory() })
