import type { Pool } from "pg"
import { failureKind } from "../../core/adapters/failure-kind.ts"
import { unaccountedOffsets } from "../../core/adapters/postgres/accounted.ts"
import type { Loaded } from "../../core/adapters/postgres/sale-load.ts"
import type { Committed, ConnectionChoice, Plan, Transact } from "../../core/adapters/postgres/transaction.ts"
import { watermarkFound } from "../../core/adapters/postgres/transaction-errors.ts"
import { isUnfinished, mayLeaveWaiters } from "../../core/workflows/allocation/apply-command.ts"
import { type Batch, firstOffsetOf, idOf, nameOf, nextOffsetOf, OffsetsDisagree, planOf, scopeOf } from "./batch.ts"
import type { Delivery } from "./delivery.ts"
import { opensShortlyInMs, waitForOpening } from "./opening.ts"
import type { OnWritten } from "./optimistic-path.ts"

export interface LockedPathDeps {
  readonly pool: Pool
  readonly transact: Transact
  readonly onWritten: OnWritten
  /** Called for each transaction that decided no record because something else was due first. */
  readonly onPostponed: (committed: Committed, delivery: Delivery) => void
}

/**
 * The safe path: locks the sales, loads their state, decides on it and commits. Both functions return the offset to go on from.
 */
export interface LockedPath {
  /** Writes a batch. @throws OpensShortly, and what `transact` throws */
  commit(batch: Batch, delivery: Delivery, connection?: ConnectionChoice): Promise<number>
  /** Writes a batch, unless the watermark says that another delivery did. @throws OffsetsDisagree, and as `commit` */
  commitOrSkip(batch: Batch, delivery: Delivery): Promise<number>
}

export function createLockedPath({ pool, transact, onWritten, onPostponed }: LockedPathDeps): LockedPath {
  async function commit(batch: Batch, delivery: Delivery, connection?: ConnectionChoice): Promise<number> {
    const startedMs = performance.now()
    for (let waitersServed = false; ; ) {
      let [postponed, opensInMs] = [false, 0]
      const plan = (loaded: Loaded): Plan => {
        opensInMs = opensShortlyInMs(loaded)
        // The waitlist is served before any newer record, also when it is longer than one transaction serves.
        postponed = opensInMs > 0 || (!waitersServed && mayLeaveWaiters(loaded))
        return postponed ? { command: { kind: "expire" } } : planOf(batch, loaded)
      }
      const committed = await transact(scopeOf(batch), plan, connection)
      if (postponed) {
        onPostponed(committed, delivery)
        if (opensInMs > 0) await waitForOpening(nameOf(batch), opensInMs, delivery.timeLeftMs)
        else waitersServed = !isUnfinished(committed)
        continue
      }
      onWritten(batch, committed, startedMs, delivery)
      return nextOffsetOf(batch)
    }
  }

  return {
    commit,
    async commitOrSkip(batch, delivery) {
      try {
        return await commit(batch, delivery)
      } catch (error) {
        const kind = failureKind(error)
        if (kind === "no-watermark") throw new OffsetsDisagree(`There is no watermark for ${nameOf(batch)}`, { cause: error })
        if (kind === "watermark") return skipDecided(pool, batch, watermarkFound(error))
        throw error
      }
    },
  }
}

/** The watermark has moved past records of the batch. They must be accounted for; the writer goes on from the watermark. */
async function skipDecided(pool: Pool, batch: Batch, watermark: number): Promise<number> {
  if (watermark < firstOffsetOf(batch)) {
    throw new OffsetsDisagree(`${nameOf(batch)} starts at ${firstOffsetOf(batch)}, above its watermark ${watermark}`)
  }
  const below = batch.records.filter(({ offset }) => offset < watermark)
  const lost = await unaccountedOffsets(
    pool,
    batch.topic,
    batch.partition,
    below.map((record) => ({ offset: record.offset, id: idOf(record) })),
  )
  if (lost.length > 0) {
    throw new OffsetsDisagree(
      `${nameOf(batch)} has neither decided nor quarantined offset ${lost[0]}, below its watermark ${watermark}`,
    )
  }
  return watermark
}
