import { withAdmin } from "../../../core/adapters/kafka/admin.ts"
import { readPartition } from "../../../core/adapters/kafka/partition-reader.ts"
import {
  countQuarantined,
  type QuarantineRow,
  readQuarantined,
  type SkuPlace,
  skuPlaces,
} from "../../../core/adapters/postgres/quarantine.ts"
import { createReservationReads } from "../../../core/adapters/postgres/reservation-reads.ts"
import { logger } from "../../../core/adapters/telemetry.ts"
import { createConcurrencyLimit } from "../../../core/concurrency/concurrency-limit.ts"
import { timestampOf } from "../../../core/contracts/http/primitives.ts"
import type { Quarantined, QuarantineView, quarantineCommands } from "../../../core/contracts/operations/quarantine.ts"
import { decodeReservationRecord } from "../../../core/contracts/reservation-record.ts"
import { generationOfOffset, kafkaOffsetOf } from "../../../core/domain/log-generations.ts"
import type { LogPosition } from "../../../core/domain/queue-estimate.ts"
import {
  dropRecord,
  mustBeQuarantined,
  retryPlan,
  retryRecord,
  skuNosOf,
} from "../../../core/workflows/quarantine/retry-record.ts"
import type { OpsParts } from "../runtime.ts"
import type { Handlers } from "./handlers.ts"

/** Before the first record of every partition. */
const beforeAll: LogPosition = { partition: -1, offset: -1 }
/** Records that are shown before a record, and after it. */
const neighboursOnEachSide = 3

/** Records that the writer could not decide. Listing and dropping need PostgreSQL alone. */
export const quarantineHandlers: Handlers<keyof typeof quarantineCommands> = {
  "quarantine-list": async (parts, { state, reason, after = beforeAll, limit }) => {
    const [pool, { topics }] = [await parts.readerPool(), parts.log]
    const byReason = await countQuarantined(pool, topics)
    const rows = await readQuarantined(pool, topics, { after, state, reason, limit })
    const skus = await skuPlaces(pool, skuNosOf(rows))
    const last = rows.length === limit ? rows.at(-1) : undefined
    return {
      by_reason: byReason,
      items: rows.map((row) => quarantined(row, skus)),
      next: last ? { partition: last.partition, offset: last.offset } : null,
    }
  },

  "quarantine-show": async (parts, { partition, offset }) => {
    const pool = await parts.readerPool()
    const row = await mustBeQuarantined(pool, topicOf(parts, offset), { partition, offset })
    const skus = await skuPlaces(pool, skuNosOf([row]))
    const record = quarantined(row, skus)
    const plan = retryPlan(row, skus)
    const statuses = await statusesOf(parts, record.request ? [record.request.id] : [])
    return {
      record,
      sha256: row.sha256.toString("hex"),
      raw: row.raw.toString("base64"),
      kept_because: plan.kind === "keep" ? plan.because : null,
      status: statuses.get(record.request?.id ?? "") ?? null,
      neighbours: await neighboursOf(parts, { partition, offset }),
    }
  },

  "quarantine-retry": async (parts, { partition, offset, operator }) => {
    const deps = { pool: await parts.adminPool(), requestsTopic: topicOf(parts, offset), requests: await parts.requests() }
    const keptBecause = await retryRecord(deps, { partition, offset }, operator)
    return { record: await recordNow(parts, { partition, offset }), kept_because: keptBecause ?? null }
  },

  "quarantine-drop": async (parts, { partition, offset, reason, operator }) => {
    const deps = { pool: await parts.adminPool(), requestsTopic: topicOf(parts, offset) }
    await dropRecord(deps, { partition, offset }, operator, reason)
    return recordNow(parts, { partition, offset })
  },
}

/** The topic of an offset: each generation of the log has its own. */
const topicOf = ({ log }: OpsParts, offset: number): string => log.topicOf(generationOfOffset(offset))

async function recordNow(parts: OpsParts, place: LogPosition): Promise<Quarantined> {
  const pool = await parts.readerPool()
  const row = await mustBeQuarantined(pool, topicOf(parts, place.offset), place)
  return quarantined(row, await skuPlaces(pool, skuNosOf([row])))
}

function quarantined(row: QuarantineRow, skus: ReadonlyMap<number, SkuPlace>): Quarantined {
  const { partition, offset, reason, raw, at, end } = row
  const decoded = decodeReservationRecord(raw)
  return {
    ...{ partition, offset, reason, state: end?.kind ?? "open", quarantined_at: timestampOf(at), bytes: raw.length },
    request:
      decoded.kind === "undecodable"
        ? null
        : {
            ...{ id: decoded.record.id, user: decoded.record.userId, sku_no: decoded.record.skuNo },
            ...{ sku_id: skus.get(decoded.record.skuNo)?.skuId ?? null, quantity: decoded.record.quantity },
            join_waitlist: decoded.record.joinWaitlist,
            accepted_at: dateText(decoded.record.acceptedAtMs),
          },
    done: end
      ? {
          ...{ by: end.by, at: timestampOf(end.at), why: end.kind === "dropped" ? end.why : null },
          moved_to: end.kind === "retried" ? end.movedTo : null,
        }
      : null,
  }
}

/** A record may hold any number where its time should be. */
function dateText(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms, which is no date` : date.toISOString()
}

/** The states of reservations by id; absent where nothing is decided. */
async function statusesOf(parts: OpsParts, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const reads = createReservationReads(await parts.readerPool(), createConcurrencyLimit(), parts.log.topics)
  return new Map((await reads.decided(ids)).map(({ id, status, reason }) => [id, reason ? `${status} (${reason})` : status]))
}

/** The records beside a place, as far as Kafka keeps them; null while it does not answer. */
async function neighboursOf(parts: OpsParts, { partition, offset: known }: LogPosition): Promise<QuarantineView["neighbours"]> {
  const [topic, offset, first] = [topicOf(parts, known), kafkaOffsetOf(known), known - kafkaOffsetOf(known)]
  const found: { offset: number; skuId: string | null; id: string | null }[] = []
  try {
    const kafka = await parts.kafka()
    const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic))
    const kept = offsets.find((each) => each.partition === partition)
    const from = Math.max(Number(kept?.low ?? 0), offset - neighboursOnEachSide)
    const to = Math.min(Number(kept?.high ?? 0), offset + neighboursOnEachSide + 1)
    for await (const records of readPartition(kafka, { topic, partition, from, to })) {
      for (const record of records) {
        if (record.offset === offset) continue
        const decoded = decodeReservationRecord(record.value)
        const id = decoded.kind === "record" ? decoded.record.id : null
        found.push({ offset: record.offset, skuId: record.key?.toString("utf8") ?? null, id })
      }
    }
  } catch (error) {
    logger.warn("Kafka did not answer; a record in quarantine is shown without its neighbours", { error: error as Error })
    return null
  }
  const statuses = await statusesOf(
    parts,
    found.flatMap(({ id }) => id ?? []),
  )
  return found.map(({ offset: at, skuId, id }) => ({
    offset: first + at,
    sku_id: skuId,
    id,
    status: statuses.get(id ?? "") ?? null,
  }))
}
