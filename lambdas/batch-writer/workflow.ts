import { setTimeout as delay } from "node:timers/promises"
import { unaccountedOffsets } from "../../core/adapters/postgres/accounted.ts"
import type { Ahead } from "../../core/adapters/postgres/ahead.ts"
import type { Committed, Transact } from "../../core/adapters/postgres/transaction.ts"
import { failureKind, watermarkFound } from "../../core/adapters/postgres/transaction-errors.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { createLineHistory, type LineHistory } from "../../core/domain/line-history.ts"
import { opensShortlyIn } from "../../core/domain/sale.ts"
import { type ProjectionDeps, projectCommit } from "../../core/workflows/project-commit.ts"
import { isUnfinished, mayLeaveWaiters } from "../../core/workflows/settle.ts"
import {
  type Batch,
  firstOf,
  firstOffsetOf,
  idOf,
  type Line,
  nameOf,
  nextOffsetOf,
  OffsetsDisagree,
  planOf,
  planQuarantine,
  scopeAhead,
  scopeOf,
} from "./batch.ts"
import { measure } from "./measure.ts"
import { rateMeter } from "./rate-meter.ts"

/** A lost race is redone this often before it counts as a fault of the record. */
const maxConflicts = 3
const firstBackoffMs = 50
const maxBackoffMs = 2_000
/** Batches sent before the first of them is answered: PostgreSQL writes one while the next is decided. */
const maxBatchesAhead = 2

export interface WriterDeps extends ProjectionDeps {
  readonly transact: Transact
  /** The fast way, for one partition; without it every batch loads what it decides on. */
  readonly ahead?: () => Ahead
  /** Records of a transaction, when not as many as the backlog suggests. */
  readonly batchRecords?: number
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
  const aheads = new Map<string, Ahead>()
  const lines = new Map<number, { readonly rate: ReturnType<typeof rateMeter>; readonly shown: LineHistory }>()

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
  async function writeAhead(line: Line, projections: Promise<void>[]): Promise<readonly MskRecord[]> {
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

  function aheadOf({ topic, partition }: Pick<Line, "topic" | "partition">): Ahead | undefined {
    const key = `${topic}/${partition}`
    const known = aheads.get(key)
    if (known !== undefined || deps.ahead === undefined) return known
    const ahead = deps.ahead()
    aheads.set(key, ahead)
    return ahead
  }

  /** Writes a batch, or finds that it was written; returns the offset to go on from. */
  async function writeBatch(batch: Batch, timeLeftMs: () => number, projections: Promise<void>[]): Promise<number> {
    let conflicts = 0
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await commit(batch, timeLeftMs, projections)
      } catch (error) {
        if (error instanceof OpensShortly) throw error
        const kind = failureKind(error)
        if (kind === "no-watermark") throw new OffsetsDisagree(`There is no watermark for ${nameOf(batch)}`, { cause: error })
        if (kind === "watermark") return skipDecided(batch, watermarkFound(error))
        if (kind === "unavailable" || kind === "frozen") await waitOut(error, attempt, timeLeftMs)
        else if (kind === "permanent" || ++conflicts > maxConflicts) return bisect(batch, error, timeLeftMs, projections)
      }
    }
  }

  async function commit(batch: Batch, timeLeftMs: () => number, projections: Promise<void>[]): Promise<number> {
    const startedMs = performance.now()
    for (let waitersServed = false; ; ) {
      let postponed = false
      let opensInMs = 0
      const committed = await deps.transact(scopeOf(batch), (loaded) => {
        opensInMs = Math.ceil(
          Math.max(0, ...[...loaded.state.skus.values()].map((sale) => opensShortlyIn(sale, loaded.now))) / 1_000,
        )
        if (opensInMs > 0) return { command: { kind: "expire" } }
        // A released unit goes to those who wait before any newer record, also when more wait than one transaction serves.
        postponed = !waitersServed && mayLeaveWaiters(loaded)
        return postponed ? { command: { kind: "expire" } } : planOf(batch, loaded)
      })
      if (opensInMs > 0) {
        projections.push(projectCommit(deps, committed))
        await waitForOpening(batch, opensInMs, timeLeftMs)
        continue
      }
      if (postponed) {
        waitersServed = !isUnfinished(committed)
        projections.push(projectCommit(deps, committed))
        continue
      }
      aheadOf(batch)?.remember(committed)
      return finish(batch, committed, startedMs, projections)
    }
  }

  /** Measures and shows a written batch; returns the offset to go on from. */
  function finish(batch: Batch, committed: Committed, startedMs: number, projections: Promise<void>[]): number {
    const { partition } = batch
    const { rate, shown } = lines.get(partition) ?? { rate: rateMeter(), shown: createLineHistory() }
    lines.set(partition, { rate, shown })
    measure(batch, committed, performance.now() - startedMs, shown)
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

  /** Narrows a failure that will not pass down to its record, puts that one beside the line, and decides its neighbours. */
  async function bisect(batch: Batch, error: unknown, timeLeftMs: () => number, projections: Promise<void>[]): Promise<number> {
    if (batch.records.length > 1) {
      const middle = Math.ceil(batch.records.length / 2)
      const next = await writeBatch({ ...batch, records: batch.records.slice(0, middle) }, timeLeftMs, projections)
      const rest = batch.records.slice(middle).filter(({ offset }) => offset >= next)
      return rest.length === 0 ? next : writeBatch({ ...batch, records: rest }, timeLeftMs, projections)
    }
    const code = String((error as { code?: unknown }).code ?? "none")
    logger.error("A record was refused by the database and put beside the line", {
      place: nameOf(batch),
      code,
      error: error as Error,
    })
    const { watermark } = scopeOf(batch)
    await deps.transact({ skuNos: [], ids: [], holders: [], ...(watermark && { watermark }) }, () =>
      planQuarantine(batch, `refused-by-database-${code}`),
    )
    count("quarantine.count")
    return nextOffsetOf(batch)
  }
}

/** A sale of the batch opens in a moment, and the invocation has no time left for it: the batch comes again. */
class OpensShortly extends Error {
  override readonly name = "OpensShortly"
}

/**
 * Waits until a sale opens by PostgreSQL's clock: admission has seen it open, so that clock has stepped back, and nobody's key is decided for that.
 * @throws OpensShortly when the invocation has no time left
 */
async function waitForOpening(batch: Batch, opensInMs: number, timeLeftMs: () => number): Promise<void> {
  if (timeLeftMs() < opensInMs) throw new OpensShortly(`A sale of ${nameOf(batch)} opens in ${opensInMs} ms`)
  logger.warn("A sale with requests in the queue opens in a moment; the batch waits", { place: nameOf(batch) })
  await delay(opensInMs)
}

/** Waits before the next try; @throws the error when the invocation has no time left for one. */
async function waitOut(error: unknown, attempt: number, timeLeftMs: () => number): Promise<void> {
  const backoffMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** attempt)
  if (timeLeftMs() < backoffMs * 2) throw error
  const why = failureKind(error) === "frozen" ? "The partition is frozen" : "PostgreSQL is away"
  if (attempt === 0) logger.warn(`${why}; the batch waits`, { error: error as Error })
  await delay(backoffMs)
}
