import { hash } from "node:crypto"
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { noticeExpiryAttribute } from "../../contracts/notices.ts"
import { firstWordOf } from "../../domain/ids.ts"
import type { NoticeKind, NoticeState } from "../../domain/notices/notice.ts"
import { type NoticeFacts, type NoticeKey, type NoticeRecord, noticeRetentionDays } from "../notices/notice-store.ts"

type Item = Record<string, AttributeValue>

/**
 * Notices of one state are spread over this many keys of the index: a key of an index takes 1,000 writes a second, and a sale
 * that ends well sends thousands of notices of the same state.
 */
export const stateShards = 10

const millisecondsInDay = 24 * 3_600 * 1_000

export const idOf = ({ eventId, generation }: NoticeKey): string => `${eventId}#${generation}`

export const shardOf = (state: NoticeState, shard: number): string => `${state}#${shard}`

const ownShard = (key: NoticeKey): number => Math.abs(firstWordOf(hash("sha256", idOf(key), "hex"))) % stateShards

/** A new notice. @param nowMs when it is recorded */
export const itemOf = (notice: NoticeFacts, state: NoticeState, attempt: string, nowMs: number): Item => ({
  id: { S: idOf(notice) },
  event_id: { S: notice.eventId },
  generation: { N: String(notice.generation) },
  kind: { S: notice.kind },
  sku_id: { S: notice.skuId },
  reservation_id: { S: notice.reservationId },
  ...(notice.orderId !== undefined && { order_id: { S: notice.orderId } }),
  occurred_at_ms: { N: String(notice.occurredAtMs) },
  attempt: { S: attempt },
  state: { S: state },
  state_shard: { S: shardOf(state, ownShard(notice)) },
  changed_at_ms: { N: String(nowMs) },
  [noticeExpiryAttribute]: { N: expiryOf(nowMs) },
})

const expiryOf = (nowMs: number): string => String(Math.floor((nowMs + noticeRetentionDays * millisecondsInDay) / 1_000))

/** What an update sets when the state changes. `#state` stands for the attribute `state`. */
export function changeOf(
  key: NoticeKey,
  state: NoticeState,
  nowMs: number,
  { reason, messageId }: { readonly reason?: string | undefined; readonly messageId?: string | undefined },
): { readonly expression: string; readonly values: Item } {
  const set = [
    "#state = :state",
    "state_shard = :shard",
    "changed_at_ms = :now",
    `${noticeExpiryAttribute} = :expiry`,
    ...(reason === undefined ? [] : ["reason = :reason"]),
    ...(messageId === undefined ? [] : ["message_id = :message"]),
  ]
  return {
    expression: `SET ${set.join(", ")}${reason === undefined ? " REMOVE reason" : ""}`,
    values: {
      ":state": { S: state },
      ":shard": { S: shardOf(state, ownShard(key)) },
      ":now": { N: String(nowMs) },
      ":expiry": { N: expiryOf(nowMs) },
      ...(reason !== undefined && { ":reason": { S: reason } }),
      ...(messageId !== undefined && { ":message": { S: messageId } }),
    },
  }
}

/** The notice of an item. */
export const recordOf = (item: Item): NoticeRecord => ({
  eventId: item.event_id?.S ?? "",
  generation: Number(item.generation?.N),
  kind: item.kind?.S as NoticeKind,
  skuId: item.sku_id?.S ?? "",
  reservationId: item.reservation_id?.S ?? "",
  orderId: item.order_id?.S,
  occurredAtMs: Number(item.occurred_at_ms?.N),
  state: item.state?.S as NoticeState,
  reason: item.reason?.S,
  messageId: item.message_id?.S,
  changedAtMs: Number(item.changed_at_ms?.N),
})
