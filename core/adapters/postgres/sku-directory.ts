import type { Pool } from "pg"
import { coalesceCalls } from "../../concurrency/coalesce-calls.ts"
import type { ConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import { Overloaded } from "../../domain/errors.ts"
import { LruMap } from "../../domain/lru-map.ts"
import type { Instant } from "../../domain/reservation.ts"
import { type SkuSale, saleStatusAt } from "../../domain/sale.ts"
import type { Limits } from "../../domain/token-bucket.ts"
import { int4Array } from "./binary-arrays.ts"
import { createDatabaseClock } from "./database-clock.ts"
import { textArray } from "./parameter-types.ts"
import { type Row, skuSale } from "./rows.ts"
import { statement } from "./statement.ts"
import readNamedSkusText from "./statements/read-named-skus.sql"
import readNumberedSkusText from "./statements/read-numbered-skus.sql"

const readNamedSkus = statement(readNamedSkusText, { sku_ids: textArray })
const readNumberedSkus = statement(readNumberedSkusText, { sku_nos: int4Array })

/** A record older than this is read again. */
export const maxSkuAgeMs = 1_000
/**
 * Names in one query, and the interval between queries: a client that invents names costs PostgreSQL at most 50 queries a second.
 */
const maxNamesPerQuery = 500
const queryIntervalMs = 20
/** Names that wait for their query; further ones are refused. */
export const maxNamesWaiting = 1_000
/**
 * SKUs that a process keeps at most, about 10 MB; the one that was used longest ago is dropped first, and read again when needed.
 */
export const maxKnownSkus = 10_000

/** A SKU of the shop. Its number, partition, limit, name and price never change; its sale is as of `asOf`. */
export interface SkuRecord {
  readonly skuId: string
  readonly name: string
  readonly priceMinor: number
  readonly currency: string
  readonly partition: number
  readonly sale: SkuSale
  readonly asOf: Instant
}

/** The SKUs that a process knows. @throws PostgreSQL's errors for a SKU that is not known yet */
export interface SkuDirectory {
  /**
   * The SKU, or undefined when there is none. It may be older than a second while it is read again, or while PostgreSQL is
   * unavailable.
   */
  find(skuId: string): Promise<SkuRecord | undefined>
  /** The SKU as it was at most a second ago. @throws PostgreSQL's errors also for a SKU that is known but older */
  findFresh(skuId: string): Promise<SkuRecord | undefined>
  /**
   * The SKU, for an answer that depends on whether its sale is open: as `find`, but until PostgreSQL shows that the sale has
   * opened, the record is at most a second old, unless PostgreSQL is unavailable.
   */
  findTimely(skuId: string): Promise<SkuRecord | undefined>
  /** The SKU with this number. */
  findByNumber(skuNo: number): Promise<SkuRecord | undefined>
  /** A moment that PostgreSQL's clock has passed; see database-clock.ts. */
  now(): Instant
  /**
   * The limits of admission of the stage, as the youngest record has them: a SKU that shoppers ask for is read every second, so
   * a change needs neither Redis nor a call of its own. Normal until a SKU was read.
   */
  limits(): Limits
}

interface Known {
  readonly value: SkuRecord
  readonly readAt: LocalTime
}

/** The two local clocks: a frozen process stops one of them, and a correction of the time moves the other. */
interface LocalTime {
  readonly monotonicMs: number
  readonly wallMs: number
}

export function createSkuDirectory(
  pool: Pool,
  limit: ConcurrencyLimit,
  nowMs: () => number = () => performance.now(),
  maxKnown = maxKnownSkus,
): SkuDirectory {
  const memory = createSkuMemory(nowMs, maxKnown)
  const reads = createSkuReads(pool, limit, memory)

  const find = async (skuId: string) => {
    const record = memory.get(skuId)
    if (record === undefined) return reads.byName(skuId)
    // The facts that a request needs do not change, so no caller waits for the newer record.
    if (!memory.isFresh(record)) reads.byName(skuId).catch(() => {})
    return record.value
  }

  return {
    find,
    async findFresh(skuId) {
      const record = memory.get(skuId)
      return record && memory.isFresh(record) ? record.value : reads.byName(skuId)
    },
    findTimely(skuId) {
      const record = memory.get(skuId)
      if (record === undefined || memory.isFresh(record) || hasOpened(record.value)) return find(skuId)
      return reads.byName(skuId).catch(() => record.value)
    },
    findByNumber: async (skuNo) => memory.byNumber(skuNo) ?? reads.byNumber(skuNo),
    now: memory.now,
    limits: memory.limits,
  }
}

/** The SKUs that this process has read. */
function createSkuMemory(nowMs: () => number, maxKnown: number) {
  const known = new LruMap<string, Known>(maxKnown)
  const skuIds = new LruMap<number, string>(maxKnown)
  const clock = createDatabaseClock(nowMs)
  let stage: { readonly limits: Limits; readonly readAtMs: number } = { limits: "normal", readAtMs: 0 }
  return {
    get: (skuId: string): Known | undefined => known.get(skuId),
    byNumber(skuNo: number): SkuRecord | undefined {
      const skuId = skuIds.get(skuNo)
      return skuId === undefined ? undefined : known.get(skuId)?.value
    },
    isFresh: ({ readAt }: Known): boolean =>
      nowMs() - readAt.monotonicMs < maxSkuAgeMs && Date.now() - readAt.wallMs < maxSkuAgeMs,
    localTime: (): LocalTime => ({ monotonicMs: nowMs(), wallMs: Date.now() }),
    /** Keeps a row that was asked for at `readAt`. A SKU in use is read every second and so stays in the map. */
    keep(row: Row, readAt: LocalTime): SkuRecord {
      const record = skuRecord(row)
      clock.note(record.asOf, nowMs())
      if (readAt.monotonicMs >= stage.readAtMs) stage = { limits: row.limits as Limits, readAtMs: readAt.monotonicMs }
      known.set(record.skuId, { value: record, readAt })
      skuIds.set(record.sale.skuNo, record.skuId)
      return record
    },
    now: clock.now,
    limits: () => stage.limits,
  }
}

/** Reads SKUs from PostgreSQL into the memory. Concurrent calls share one query. */
function createSkuReads(pool: Pool, limit: ConcurrencyLimit, memory: ReturnType<typeof createSkuMemory>) {
  const reading = new Map<string, Promise<SkuRecord | undefined>>()

  const readNames = coalesceCalls<string, SkuRecord | undefined>(
    async (names) => {
      const startedAt = memory.localTime()
      const { rows } = await limit(() => pool.query<Row>(readNamedSkus({ sku_ids: names })))
      const found = new Map(rows.map((row) => [String(row.sku_id), memory.keep(row, startedAt)]))
      return names.map((name) => found.get(name))
    },
    { maxItems: maxNamesPerQuery, intervalMs: queryIntervalMs },
  )

  const readNumbers = coalesceCalls<number, SkuRecord | undefined>(
    async (skuNos) => {
      const startedAt = memory.localTime()
      const { rows } = await limit(() => pool.query<Row>(readNumberedSkus({ sku_nos: [...new Set(skuNos)] })))
      const found = new Map(rows.map((row) => [Number(row.sku_no), memory.keep(row, startedAt)]))
      return skuNos.map((skuNo) => found.get(skuNo))
    },
    { maxItems: maxNamesPerQuery },
  )

  return {
    byNumber: readNumbers,
    /** An absent SKU is not kept: it may be created at any moment. */
    byName(skuId: string): Promise<SkuRecord | undefined> {
      const running = reading.get(skuId)
      if (running) return running
      if (reading.size >= maxNamesWaiting)
        return Promise.reject(new Overloaded("Too many SKU names wait to be read", { retryAfterSeconds: 1 }))
      const result = readNames(skuId).finally(() => reading.delete(skuId))
      reading.set(skuId, result)
      return result
    },
  }
}

/** True when the sale had opened when the record was read: it never goes back to draft. */
const hasOpened = ({ sale, asOf }: SkuRecord): boolean => saleStatusAt(sale, asOf) !== "draft"

export const skuRecord = (row: Row): SkuRecord => ({
  skuId: String(row.sku_id),
  name: String(row.name),
  priceMinor: Number(row.price_minor),
  currency: String(row.currency),
  partition: Number(row.partition),
  sale: skuSale(row),
  asOf: Number(row.now),
})
