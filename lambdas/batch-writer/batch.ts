import { randomUUID } from "node:crypto"
import type { OptimisticScope } from "../../core/adapters/postgres/optimistic-writer.ts"
import type { Loaded, Scope } from "../../core/adapters/postgres/sale-load.ts"
import type { Plan, QuarantinedRecord } from "../../core/adapters/postgres/transaction.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import type { ReservationRequest } from "../../core/domain/reservation.ts"
import { type LogRecord, lineRecord, type QuarantineReason, quarantined } from "./log-record.ts"

interface Place {
  readonly topic: string
  readonly partition: number
}

/** Records of one partition as they were delivered, in offset order. */
export interface PartitionRecords extends Place {
  readonly records: readonly MskRecord[]
}

/** The next records of a line, decoded, that become one transaction. */
export interface Batch extends Place {
  readonly records: readonly LogRecord[]
}

/** Records of a transaction; more of them when more are waiting, for a larger batch is cheaper per record. */
const batchRecords = 250
const batchRecordsUnderBacklog = 1_000

/** How many of the records that are waiting become one transaction. */
export const batchSize = (waiting: number): number =>
  waiting > batchRecordsUnderBacklog ? batchRecordsUnderBacklog : batchRecords

/** The watermark and the records disagree: the partition stops, nothing is skipped, somebody must look (P0). */
export class OffsetsDisagree extends Error {
  override readonly name = "OffsetsDisagree"
}

/**
 * The first batch of a line. Its records are decoded here and not when they are delivered: PostgreSQL writes a batch while the next is
 * decoded, and what was decoded is forgotten with its batch (ADR 0012). @throws OffsetsDisagree when an offset is missing in it
 */
export function firstOf(line: PartitionRecords, size = batchSize(line.records.length)): Batch {
  const batch = { ...line, records: line.records.slice(0, size).map(lineRecord) }
  const first = firstOffsetOf(batch)
  const gap = batch.records.findIndex(({ offset }, index) => offset !== first + index)
  if (gap > 0) throw new OffsetsDisagree(`${nameOf(batch)} is missing offset ${first + gap}`)
  return batch
}

export const nameOf = ({ topic, partition }: Place): string => `${topic}-${partition}`
export const firstOffsetOf = (batch: Batch): number => batch.records[0]?.offset ?? 0
export const nextOffsetOf = (batch: Batch): number => (batch.records.at(-1)?.offset ?? 0) + 1

/** What the batch needs to have locked, and what it is expected to continue. */
export function scopeAhead(batch: Batch): OptimisticScope {
  const skuNos = new Set<number>()
  for (const { decoded } of batch.records) if (decoded.kind === "record") skuNos.add(decoded.record.skuNo)
  return {
    skuNos: [...skuNos].sort((a, b) => a - b),
    watermark: { topic: batch.topic, partition: batch.partition, expected: firstOffsetOf(batch) },
  }
}

/** What the batch needs to have locked and loaded. */
export function scopeOf(batch: Batch): Scope {
  const records = batch.records.flatMap(({ decoded }) => (decoded.kind === "record" ? [decoded.record] : []))
  const holders = new Map(records.map(({ skuNo, userId }) => [`${skuNo}/${userId}`, { skuNo, userId }]))
  return { ...scopeAhead(batch), ids: [...new Set(records.map(({ id }) => id))], holders: [...holders.values()] }
}

/** Decides every record that can be, puts the others beside the line, and moves the watermark past all of them. */
export function planOf(batch: Batch, { skuIds }: Loaded): Plan {
  const requests: ReservationRequest[] = []
  const quarantine: QuarantinedRecord[] = []
  for (const record of batch.records) {
    const request = requestOf(record, skuIds)
    if (typeof request === "string") quarantine.push(quarantined(record, request))
    else requests.push(request)
  }
  return { command: { kind: "allocate", requests }, quarantine, nextOffset: nextOffsetOf(batch) }
}

/** A transaction that touches no sale: it locks the partition and writes its watermark. */
export const emptyScopeOf = (batch: Batch): Scope => ({ ...scopeAhead(batch), skuNos: [], ids: [], holders: [] })

/** Decides nothing and leaves the watermark where it is. */
export const planEmpty = (batch: Batch): Plan => ({
  command: { kind: "allocate", requests: [] },
  nextOffset: firstOffsetOf(batch),
})

/** Puts the only record of a batch beside the line: it was refused for a reason that will not pass. */
export const planQuarantine = (batch: Batch, reason: QuarantineReason): Plan => ({
  ...planEmpty(batch),
  quarantine: batch.records.map((record) => quarantined(record, reason)),
  nextOffset: nextOffsetOf(batch),
})

/** What a valid neighbour of the batch needs to have locked and loaded; nobody knows its id or its user. */
export const neighbourScopeOf = (batch: Batch): Scope => ({ ...scopeAhead(batch), ids: [], holders: [] })

/** Rehearses the batch with a valid request of a new user for one unit in the place of each record. */
export const planNeighbour = (batch: Batch): Plan => ({
  command: {
    kind: "allocate",
    requests: batch.records.flatMap(({ offset, decoded }) =>
      decoded.kind === "record"
        ? [
            {
              id: randomUUID(),
              userId: randomUUID(),
              skuNo: decoded.record.skuNo,
              quantity: 1,
              joinWaitlist: false,
              bodyHash: 0,
              offset,
            },
          ]
        : [],
    ),
  },
  nextOffset: nextOffsetOf(batch),
  isRehearsal: true,
})

/** The ids that redelivered records must be accounted for under; null for one that cannot have an id. */
export const idOf = ({ decoded }: LogRecord): string | undefined => (decoded.kind === "record" ? decoded.record.id : undefined)

function requestOf(
  { offset, key, decoded }: LogRecord,
  skuIds: ReadonlyMap<number, string>,
): ReservationRequest | QuarantineReason {
  if (decoded.kind === "undecodable") return decoded.reason
  const { id, userId, skuNo, quantity, joinWaitlist, bodyHash } = decoded.record
  const skuId = skuIds.get(skuNo)
  if (skuId === undefined) return "unknown-sku"
  if (key !== skuId) return "key-mismatch"
  return { id, userId, skuNo, quantity, joinWaitlist, bodyHash, offset }
}
