import { codeOf, failureKind } from "../../core/adapters/failure-kind.ts"
import { unaccountedOffsets } from "../../core/adapters/postgres/accounted.ts"
import type { OptimisticWriter } from "../../core/adapters/postgres/optimistic-writer.ts"
import type { Loaded } from "../../core/adapters/postgres/sale-load.ts"
import type { Committed, ConnectionChoice, Plan, Transact } from "../../core/adapters/postgres/transaction.ts"
import { watermarkFound } from "../../core/adapters/postgres/transaction-errors.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { createQueueHistory, type QueueHistory } from "../../core/domain/queue-history.ts"
import { isUnfinished, mayLeaveWaiters } from "../../core/workflows/allocation/apply-command.ts"
import { type ProjectionDeps, projectCommit } from "../../core/workflows/allocation/project-commit.ts"
import {
  type Batch,
  emptyScopeOf,
  firstOf,
  firstOffsetOf,
  idOf,
  nameOf,
  nextOffsetOf,
  OffsetsDisagree,
  type PartitionRecords,
  planOf,
  planQuarantine,
  scopeAhead,
  scopeOf,
} from "./batch.ts"
import { createBlockage } from "./blockage.ts"
import { createEvidence, type Evidence } from "./evidence.ts"
import { measure } from "./measure.ts"
import { OpensShortly, opensShortlyInMs, waitForOpening } from "./opening.ts"
import { rateMeter } from "./rate-meter.ts"

/** A lost race is redone this often at once; after that the partition waits between two tries, as in an illness. */
const maxConflicts = 3
/** Batches sent before the first of them is answered: PostgreSQL writes one while the next is decided. */
const maxBatchesAhead = 2

export interface WriterDeps extends ProjectionDeps {
  readonly transact: Transact
  /** The fast way, for one partition; without it every batch loads what it decides on. */
  readonly ahead?: () => OptimisticWriter
  /** Records of a transaction, when not as many as the backlog suggests. */
  readonly batchRecords?: number
  /** What a record is judged by; a test plants a careless judge. */
  readonly evidence?: Evidence
}

export interface Writer {
  /**
   * Decides the records of one partition, in offset order; each transaction covers up to 1,000 of them. What is already decided
   * is left alone, so that any delivery may come twice.
   *
   * @param timeLeftMs when it runs out, an outage is left to the redelivery
   * @throws OffsetsDisagree, or PostgreSQL's error when time ran out; `firstUnprocessed` says from where to deliver again
   */
  write(topic: string, partition: number, records: readonly MskRecord[], timeLeftMs: () => number): Promise<WriteResult>
}

export type WriteResult =
  | { readonly kind: "written" }
  | { readonly kind: "stopped"; readonly firstUnprocessed: number; readonly error: unknown }

/** The single writer: the only one who decides requests. */
export function createWriter(deps: WriterDeps): Writer {
  const aheads = new Map<string, OptimisticWriter>()
  const evidence = deps.evidence ?? createEvidence(deps.transact)
  const blockage = createBlockage()
  const lines = new Map<number, { readonly rate: ReturnType<typeof rateMeter>; readonly shown: QueueHistory }>()

  return {
    async write(topic, partition, records, timeLeftMs) {
      let rest = records
      const projections: Promise<void>[] = []
      try {
        while (rest.length > 0) {
          rest = await writeAhead({ topic, partition, records: rest }, projections)
          if (rest.length === 0) break
          const batch = firstOf({ topic, partition, records: rest }, deps.batchRecords)
          const next = await writeBatch(batch, timeLeftMs, projections)
          rest = rest.filter(({ offset }) => offset >= next)
        }
        return { kind: "written" }
      } catch (error) {
        return { kind: "stopped", firstUnprocessed: rest[0]?.offset ?? 0, error }
      } finally {
        await Promise.all(projections)
      }
    },
  }

  /** Writes what goes the fast way, and returns the records from the first batch that does not: nothing of those is written. */
  async function writeAhead(line: PartitionRecords, projections: Promise<void>[]): Promise<readonly MskRecord[]> {
    const ahead = aheadOf(line)
    const sent: { readonly batch: Batch; readonly startedMs: number; readonly committed: Promise<Committed> }[] = []
    let unsent = line.records
    let unwritten = line.records
    for (;;) {
      while (ahead !== undefined && unsent.length > 0 && sent.length < maxBatchesAhead) {
        const batch = firstOf({ ...line, records: unsent }, deps.batchRecords)
        const committed = ahead.attempt(scopeAhead(batch), (loaded) => planOf(batch, loaded))
        if (committed === undefined) break
        committed.catch(() => {})
        sent.push({ batch, startedMs: performance.now(), committed })
        unsent = unsent.slice(batch.records.length)
      }
      const oldest = sent.shift()
      if (oldest === undefined) return unwritten
      try {
        finish(oldest.batch, await oldest.committed, oldest.startedMs, projections)
      } catch {
        // Why, the safe way finds out. Before it starts, what was sent behind this batch must have failed with it.
        await Promise.allSettled(sent.map(({ committed }) => committed))
        return unwritten
      }
      unwritten = unwritten.slice(oldest.batch.records.length)
    }
  }

  function aheadOf({ topic, partition }: Pick<PartitionRecords, "topic" | "partition">): OptimisticWriter | undefined {
    const key = `${topic}/${partition}`
    const known = aheads.get(key)
    if (known !== undefined || deps.ahead === undefined) return known
    const ahead = deps.ahead()
    aheads.set(key, ahead)
    return ahead
  }

  /** Writes a batch, or finds that it was written; returns the offset to go on from. Nothing but evidence against a record ends a try in its quarantine. */
  async function writeBatch(batch: Batch, timeLeftMs: () => number, projections: Promise<void>[]): Promise<number> {
    let [conflicts, failures] = [0, 0]
    for (;;) {
      try {
        return await commitOrSkip(batch, timeLeftMs, projections)
      } catch (error) {
        if (error instanceof OffsetsDisagree || error instanceof OpensShortly) throw error
        if (failureKind(error) === "conflict" && ++conflicts <= maxConflicts) continue
        if (evidence.speaksOfData(error)) {
          const next = await narrowDown(batch, error, timeLeftMs, projections)
          if (next !== undefined) return next
        }
        failures += 1
        await blockage.waitOut(nameOf(batch), error, failures, timeLeftMs)
      }
    }
  }

  /** Writes a batch, unless the watermark says that another delivery did. @throws OffsetsDisagree, and what `transact` throws */
  async function commitOrSkip(batch: Batch, timeLeftMs: () => number, projections: Promise<void>[]): Promise<number> {
    try {
      return await commit(batch, timeLeftMs, projections)
    } catch (error) {
      const kind = failureKind(error)
      if (kind === "no-watermark") throw new OffsetsDisagree(`There is no watermark for ${nameOf(batch)}`, { cause: error })
      if (kind === "watermark") return skipDecided(batch, watermarkFound(error))
      throw error
    }
  }

  async function commit(
    batch: Batch,
    timeLeftMs: () => number,
    projections: Promise<void>[],
    connection?: ConnectionChoice,
  ): Promise<number> {
    const startedMs = performance.now()
    for (let waitersServed = false; ; ) {
      let [postponed, opensInMs] = [false, 0]
      const plan = (loaded: Loaded): Plan => {
        opensInMs = opensShortlyInMs(loaded)
        // A released unit goes to those who wait before any newer record, also when more wait than one transaction serves.
        postponed = opensInMs > 0 || (!waitersServed && mayLeaveWaiters(loaded))
        return postponed ? { command: { kind: "expire" } } : planOf(batch, loaded)
      }
      const committed = await deps.transact(scopeOf(batch), plan, connection)
      if (postponed) {
        projections.push(projectCommit(deps, committed))
        if (opensInMs > 0) await waitForOpening(nameOf(batch), opensInMs, timeLeftMs)
        else waitersServed = !isUnfinished(committed)
        continue
      }
      aheadOf(batch)?.remember(committed)
      return finish(batch, committed, startedMs, projections)
    }
  }

  /** Measures and shows a written batch; returns the offset to go on from. */
  function finish(batch: Batch, committed: Committed, startedMs: number, projections: Promise<void>[]): number {
    const { partition } = batch
    const { rate, shown } = lines.get(partition) ?? { rate: rateMeter(), shown: createQueueHistory() }
    lines.set(partition, { rate, shown })
    measure(batch, committed, performance.now() - startedMs, shown)
    blockage.over(nameOf(batch))
    const nextOffset = nextOffsetOf(batch)
    const line = { partition, nextOffset, decisionsPerSecond: rate.add(batch.records.length) }
    shown.show(Date.now(), line)
    projections.push(projectCommit(deps, committed, line))
    return nextOffset
  }

  /** The watermark has moved past records of this batch: they must be accounted for, and the rest follows from there. */
  async function skipDecided(batch: Batch, watermark: number): Promise<number> {
    if (watermark < firstOffsetOf(batch)) {
      throw new OffsetsDisagree(`${nameOf(batch)} starts at ${firstOffsetOf(batch)}, above its watermark ${watermark}`)
    }
    const below = batch.records.filter(({ offset }) => offset < watermark)
    const lost = await unaccountedOffsets(
      deps.pool,
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

  /** Narrows a failure that speaks of data down to its record, and decides its neighbours. Undefined when nothing is proved against it. */
  async function narrowDown(
    batch: Batch,
    error: unknown,
    timeLeftMs: () => number,
    projections: Promise<void>[],
  ): Promise<number | undefined> {
    if (batch.records.length === 1) return judge(batch, error, timeLeftMs, projections)
    const middle = Math.ceil(batch.records.length / 2)
    const next = await writeBatch({ ...batch, records: batch.records.slice(0, middle) }, timeLeftMs, projections)
    const rest = batch.records.slice(middle).filter(({ offset }) => offset >= next)
    return rest.length === 0 ? next : writeBatch({ ...batch, records: rest }, timeLeftMs, projections)
  }

  /** Decides a record alone, or quarantines it when it proves to be the cause. Undefined when something else may be. */
  async function judge(
    batch: Batch,
    error: unknown,
    timeLeftMs: () => number,
    projections: Promise<void>[],
  ): Promise<number | undefined> {
    // The record fails before and after something else commits: an illness that ends meanwhile cannot look like its fault.
    if (!(await evidence.somethingElseCommits(batch))) return undefined
    try {
      return await commit(batch, timeLeftMs, projections, "fresh")
    } catch (again) {
      if (again instanceof OpensShortly) throw again
      if (!evidence.failsTheSame(error, again)) return undefined
    }
    const code = codeOf(error) ?? "none"
    const about = { place: nameOf(batch), offset: firstOffsetOf(batch), code }
    try {
      await deps.transact(emptyScopeOf(batch), () => planQuarantine(batch, `refused-by-database-${code}`))
    } catch (failed) {
      logger.warn("A record could not be quarantined; its partition waits", { ...about, error: failed as Error })
      return undefined
    }
    logger.error("PostgreSQL refused a record for its own values; it is in quarantine", { ...about, error: error as Error })
    count("quarantine.count")
    return nextOffsetOf(batch)
  }
}
