import type { Pool } from "pg"
import type { NoticeKind, NoticeState } from "../../domain/notices/notice.ts"
import { type NoticeRecord, type NoticeStore, noticeRetentionDays } from "../notices/notice-store.ts"
import { integer, nullable, text, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import deleteOldText from "./statements/notice-delete-old.sql"
import generationText from "./statements/notice-generation.sql"
import giveUpText from "./statements/notice-give-up.sql"
import listText from "./statements/notice-list.sql"
import nextGenerationText from "./statements/notice-next-generation.sql"
import recordText from "./statements/notice-record.sql"
import releaseText from "./statements/notice-release.sql"
import reportText from "./statements/notice-report.sql"
import settleText from "./statements/notice-settle.sql"

const key = { event_id: text, generation: integer }

const record = statement(
  recordText,
  {
    ...key,
    kind: text,
    sku_id: text,
    reservation_id: uuid,
    order_id: nullable(uuid),
    occurred_at: text,
    state: text,
    attempt: uuid,
  },
  "notice-record",
)
const settle = statement(
  settleText,
  { ...key, attempt: uuid, state: text, reason: nullable(text), message_id: nullable(text) },
  "notice-settle",
)
const release = statement(releaseText, { ...key, attempt: uuid })
const giveUp = statement(giveUpText, key)
const report = statement(reportText, { ...key, state: text, reason: nullable(text) })
const list = statement(listText, { reservation_id: nullable(uuid), state: nullable(text), limit: integer })
const generation = statement(generationText, {})
const nextGeneration = statement(nextGenerationText, {})
const deleteOld = statement(deleteOldText, { days: integer, limit: integer })

interface NoticeRow {
  event_id: string
  generation: number
  kind: NoticeKind
  sku_id: string
  reservation_id: string
  order_id: string | null
  occurred_at: Date
  state: NoticeState
  reason: string | null
  message_id: string | null
  changed_at: Date
}

const recordOf = (row: NoticeRow): NoticeRecord => ({
  eventId: row.event_id,
  generation: row.generation,
  kind: row.kind,
  skuId: row.sku_id,
  reservationId: row.reservation_id,
  orderId: row.order_id ?? undefined,
  occurredAtMs: row.occurred_at.getTime(),
  state: row.state,
  reason: row.reason ?? undefined,
  messageId: row.message_id ?? undefined,
  changedAtMs: row.changed_at.getTime(),
})

/** The notices in PostgreSQL, for the local run. @param pool of the role `notifier` */
export const postgresNoticeStore = (pool: Pick<Pool, "query">): NoticeStore => ({
  async generation() {
    const { rows } = await pool.query<{ generation: number }>(generation({}))
    return onlyRow(rows).generation
  },
  async nextGeneration() {
    const { rows } = await pool.query<{ generation: number }>(nextGeneration({}))
    return onlyRow(rows).generation
  },
  async record({ eventId, kind, skuId, reservationId, orderId, occurredAtMs, ...notice }, state, attempt) {
    const values = {
      event_id: eventId,
      generation: notice.generation,
      kind,
      sku_id: skuId,
      reservation_id: reservationId,
      order_id: orderId,
      occurred_at: new Date(occurredAtMs).toISOString(),
      state,
      attempt,
    }
    const { rows } = await pool.query<{ is_mine: boolean; state: NoticeState }>(record(values))
    const row = onlyRow(rows)
    return row.is_mine ? undefined : row.state
  },
  async settle({ eventId, generation: number }, attempt, { state, reason, messageId }) {
    await pool.query(settle({ event_id: eventId, generation: number, attempt, state, reason, message_id: messageId }))
  },
  async release({ eventId, generation: number }, attempt) {
    await pool.query(release({ event_id: eventId, generation: number, attempt }))
  },
  async giveUp({ eventId, generation: number }) {
    const { rowCount } = await pool.query(giveUp({ event_id: eventId, generation: number }))
    return rowCount === 1
  },
  async report({ eventId, generation: number }, state, reason) {
    const { rowCount } = await pool.query(report({ event_id: eventId, generation: number, state, reason }))
    return rowCount === 1
  },
  async list({ reservationId, state, limit }) {
    const { rows } = await pool.query<NoticeRow>(list({ reservation_id: reservationId, state, limit }))
    return rows.map(recordOf)
  },
})

/** Rows of one deletion: a long one would hold its locks beside the sale's transactions. */
const deletedAtOnce = 10_000

/** Deletes notices that are older than their retention; DynamoDB does it by itself. */
export async function deleteOldNotices(pool: Pick<Pool, "query">): Promise<void> {
  await pool.query(deleteOld({ days: noticeRetentionDays, limit: deletedAtOnce }))
}

function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error("PostgreSQL returned no row where each statement returns one")
  return row
}
