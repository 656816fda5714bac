import { randomUUID } from "node:crypto"
import type { OptimisticScope } from "../../core/adapters/postgres/optimistic-writer.ts"
import type { Loaded, Scope } from "../../core/adapters/postgres/sale-load.ts"
import type { Plan, QuarantinedRecord } from "../../core/adapters/postgres/transaction.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import type { ReservationRequest } from "../../core/domain/reservation.ts"
import { type LogRecord, logRecord, type QuarantineReason, quarantined } from "./log-record.ts"

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Records of one partition as they were delivered, in offset order. */
export interface PartitionRecords extends TopicPartition {
  readonly records: readonly MskRecord[]
}

/** The next records of a partition, decoded, that become one transaction. */
export interface Batch extends TopicPartition {
  readonly records: readonly LogRecord[]
}

/** The watermark and the records disagree. The partition stops, nothing is skipped, and an operator must find the cause (P0). */
export class OffsetsDisagree extends Error {
  override readonly name = "OffsetsDisagree"
}

/**
 * Takes the first batch of the delivered records and decodes it. Decoding waits until here because PostgreSQL writes one batch
 * while the next is decoded, and the decoded records are freed with their batch (ADR 0012).
 * @throws OffsetsDisagree when an offset is missing in it
 */
export function firstBatch(delivered: PartitionRecords, size: number): Batch {
  const batch = { ...delivered, records: delivered.records.slice(0, size).map(logRecord) }
  const first = firstOffsetOf(batch)
  const gap = batch.records.findIndex(({ offset }, index) => offset !== first + index)
  if (gap > 0) throw new OffsetsDisagree(`${nameOf(batch)} is missing offset ${first + gap}`)
  return batch
}

export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`
export const firstOffsetOf = (batch: Batch): number => batch.records[0]?.offset ?? 0
export const nextOffsetOf = (batch: Batch): number => (batch.records.at(-1)?.offset ?? 0) + 1

/** The SKUs that the batch needs locked, and the watermark that it continues. */
export function optimisticScopeOf(batch: Batch): OptimisticScope {
  const skuNos = new Set<number>()
  for (const { decoded } of batch.records) if (decoded.kind === "record") skuNos.add(decoded.record.skuNo)
  return {
    skuNos: [...skuNos].sort((a, b) => a - b),
    watermark: { topic: batch.topic, partition: batch.partition, expected: firstOffsetOf(batch) },
  }
}

/** What the batch needs locked and loaded. */
export function scopeOf(batch: Batch): Scope {
  const records = batch.records.flatMap(({ decoded }) => (decoded.kind === "record" ? [decoded.record] : []))
  const holders = new Map(records.map(({ skuNo, userId }) => [`${skuNo}/${userId}`, { skuNo, userId }]))
  return { ...optimisticScopeOf(batch), ids: [...new Set(records.map(({ id }) => id))], holders: [...holders.values()] }
}

/** Decides every record that can be decided, quarantines the others, and moves the watermark past all of them. */
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
export const emptyScopeOf = (batch: Batch): Scope => ({ ...optimisticScopeOf(batch), skuNos: [], ids: [], holders: [] })

/** Decides nothing and leaves the watermark where it is. */
export const planEmpty = (batch: Batch): Plan => ({
  command: { kind: "allocate", requests: [] },
  nextOffset: firstOffsetOf(batch),
})

/** Quarantines the only record of a batch: PostgreSQL refused it for a reason that stays. */
export const planQuarantine = (batch: Batch, reason: QuarantineReason): Plan => ({
  ...planEmpty(batch),
  quarantine: batch.records.map((record) => quarantined(record, reason)),
  nextOffset: nextOffsetOf(batch),
})

/** What a valid neighbour of the batch needs locked and loaded. Its id and its user are new, so nothing is loaded for them. */
export const neighbourScopeOf = (batch: Batch): Scope => ({ ...optimisticScopeOf(batch), ids: [], holders: [] })

/** Rehearses the batch with a valid request of a new user for one unit instead of each record. */
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

/** The id under which a redelivered record must be accounted for; undefined for a record that cannot be decoded. */
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
