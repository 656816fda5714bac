import * as z from "zod"
import { noticeKinds, noticeStates } from "../../domain/notices/notice.ts"
import { SkuId, Timestamp } from "../http/primitives.ts"
import { read } from "./command.ts"

/** What became of notices to shoppers. Nobody's address is in it: the store has none. */
export const NoticeList = z.strictObject({
  items: z.array(
    z.strictObject({
      event_id: z.string(),
      generation: z.int(),
      kind: z.enum(noticeKinds),
      sku_id: SkuId,
      reservation_id: z.uuid(),
      order_id: z.uuid().nullable(),
      state: z.enum(noticeStates),
      /** Why it was not sent, or did not arrive. */
      reason: z.string().nullable(),
      /** The mail provider's name of the mail. */
      message_id: z.string().nullable(),
      occurred_at: Timestamp,
      changed_at: Timestamp,
    }),
  ),
})
export type NoticeList = z.output<typeof NoticeList>

/** Notices to shoppers. */
export const noticeCommands = {
  notices: read(
    {
      reservation_id: z.uuid().optional(),
      state: z.enum(noticeStates).optional(),
      limit: z.int().min(1).max(200).default(50),
    },
    NoticeList,
  ),
}
