import type { NoticeList, noticeCommands } from "../../../core/contracts/operations/notices.ts"
import type { RequestOf } from "../../../core/workflows/operations/handlers.ts"
import type { OpsParts } from "../runtime.ts"
import type { Handlers } from "./handlers.ts"

/** Notices to shoppers. */
export const noticeHandlers: Handlers<keyof typeof noticeCommands> = { notices: readNotices }

async function readNotices(
  parts: OpsParts,
  { reservation_id: reservationId, state, limit }: RequestOf<"notices">,
): Promise<NoticeList> {
  const found = await (await parts.notices()).list({ reservationId, state, limit })
  return {
    items: found.map(({ eventId, skuId, kind, generation, ...notice }) => ({
      event_id: eventId,
      generation,
      kind,
      sku_id: skuId,
      reservation_id: notice.reservationId,
      order_id: notice.orderId ?? null,
      state: notice.state,
      reason: notice.reason ?? null,
      message_id: notice.messageId ?? null,
      occurred_at: new Date(notice.occurredAtMs).toISOString(),
      changed_at: new Date(notice.changedAtMs).toISOString(),
    })),
  }
}
