/** What the infrastructure and the functions agree on about notices: the table in DynamoDB, and how fast they are sent. */

/** Notices that one environment of the notifier sends at the same time. */
export const maxParallelNotices = 6

/** The names of the tags of a mail, which the reports of the mail provider repeat. */
export const mailTags = { event: "event-id", generation: "generation" } as const

/** The key of an item: the event and the generation. */
export const noticesTableKey = "id"

/** The attributes by which operators find notices; each index is sorted by the last change, and holds whole items. */
export const noticeIndexes = {
  byReservation: { name: "by-reservation", key: "reservation_id" },
  byState: { name: "by-state", key: "state_shard" },
  sortKey: "changed_at_ms",
} as const

/** DynamoDB deletes an item some time after the second in this attribute. */
export const noticeExpiryAttribute = "expires_at"
