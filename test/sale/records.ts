import { randomUUID } from "node:crypto"
import { encodeReservationRecord, type ReservationRecord } from "../../core/contracts/reservation-record.ts"

/** The record of a request; fields that are not given are unique. */
export function requestRecord(
  sku: { skuNo: number; skuId: string },
  more: Partial<ReservationRecord> = {},
): { id: string; userId: string; key: string; value: Buffer } {
  const record: ReservationRecord = {
    id: randomUUID(),
    userId: randomUUID(),
    skuNo: sku.skuNo,
    quantity: 1,
    joinWaitlist: false,
    bodyHash: 1,
    acceptedAtMs: Date.now(),
    ...more,
  }
  return { id: record.id, userId: record.userId, key: sku.skuId, value: encodeReservationRecord(record) }
}
