import type { Kafka } from "kafkajs"
import type { Pool } from "pg"
import { withAdmin } from "../../adapters/kafka/admin.ts"
import { type ReadRecord, readPartition } from "../../adapters/kafka/partition-reader.ts"
import { unaccountedOffsets } from "../../adapters/postgres/accounted.ts"
import { readProgress } from "../../adapters/postgres/lag.ts"
import { quarantinedOffsets, type SaleTables } from "../../adapters/postgres/reconcile-reads.ts"
import { decodeReservationRecord } from "../../contracts/reservation-record.ts"
import type { Progress } from "../administration/verify-sale.ts"
import type { FoundDifferences } from "./found-differences.ts"

/** What Kafka says of a SKU's requests, as far back as it keeps them. */
export interface RequestFigures {
  records: number
  decided: number
  quarantined: number
  /** Behind the watermark: the writer has not reached them. */
  waiting: number
}

export interface RequestReads {
  readonly pool: Pool
  readonly kafka: Kafka
  readonly requestsTopic: string
  /** The first offset of the topic's generation. */
  readonly firstOffset?: number | undefined
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Records that are compared with PostgreSQL in one query. */
const comparedRecords = 5_000
/** Records from one report of progress to the next. */
const progressEveryRecords = 100_000

/**
 * Reads every request of some SKUs from Kafka, partition by partition, and looks in PostgreSQL for what became of each record
 * below the watermark. It holds one fetch in memory.
 *
 * @throws the errors of Kafka and PostgreSQL, and the signal's reason
 */
export async function readRequests(
  reads: RequestReads,
  sales: readonly SaleTables[],
  found: FoundDifferences,
): Promise<ReadonlyMap<string, RequestFigures>> {
  const { kafka, pool, requestsTopic: topic, firstOffset = 0, progress, signal } = reads
  const figures = new Map(sales.map(({ skuId }) => [skuId, { records: 0, decided: 0, quarantined: 0, waiting: 0 }]))
  // Before the records: what the watermark has passed is decided by now.
  const { watermarks } = await readProgress(pool, topic)
  const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic))
  const partitions = new Set(sales.map(({ partition }) => partition))
  let records = 0
  for (const { partition, low, high } of offsets.filter((each) => partitions.has(each.partition))) {
    const watermark = (watermarks.get(partition) ?? firstOffset) - firstOffset
    const span = { topic, partition, from: Number(low), to: Number(high) }
    for await (const fetched of readPartition(kafka, span)) {
      signal.throwIfAborted()
      for (let from = 0; from < fetched.length; from += comparedRecords) {
        await compare(reads, { partition, watermark, records: fetched.slice(from, from + comparedRecords) }, figures, found)
      }
      const before = records
      records += fetched.length
      if (Math.floor(before / progressEveryRecords) !== Math.floor(records / progressEveryRecords))
        progress(`partition ${partition} of the requests`, { records })
    }
  }
  progress("the requests", { records })
  return figures
}

interface SomeRecords {
  readonly partition: number
  readonly watermark: number
  readonly records: readonly ReadRecord[]
}

async function compare(
  { pool, requestsTopic: topic, firstOffset = 0 }: RequestReads,
  { partition, watermark, records }: SomeRecords,
  figures: ReadonlyMap<string, RequestFigures>,
  found: FoundDifferences,
): Promise<void> {
  const ours = records.flatMap(({ offset, key, value }) => {
    const skuId = key?.toString("utf8") ?? ""
    const figure = figures.get(skuId)
    return figure === undefined ? [] : [{ offset, skuId, figure, value }]
  })
  const passed = ours.filter(({ offset }) => offset < watermark)
  const [first, last] = [passed[0], passed.at(-1)]
  const inQuarantine = new Set(
    first && last ? await quarantinedOffsets(pool, topic, partition, firstOffset + first.offset, firstOffset + last.offset) : [],
  )
  const ids = passed.map(({ offset, value }) => ({ offset: firstOffset + offset, id: idOf(value) }))
  const lost = new Set(passed.length > 0 ? await unaccountedOffsets(pool, topic, partition, ids) : [])
  for (const { offset, skuId, figure } of ours) {
    figure.records += 1
    if (offset >= watermark) figure.waiting += 1
    else if (inQuarantine.has(firstOffset + offset)) figure.quarantined += 1
    else if (!lost.has(firstOffset + offset)) figure.decided += 1
    else {
      const place = `${topic}-${partition}@${offset}`
      found.note("request-lost", skuId, place, "records below the watermark have neither a decision nor a quarantine row")
    }
  }
}

function idOf(value: Buffer | null): string | undefined {
  const decoded = decodeReservationRecord(value)
  return decoded.kind === "record" ? decoded.record.id : undefined
}
