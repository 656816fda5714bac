import type { Notice } from "../../../core/domain/notices/notice.ts"

/** When the notices of these tests are written: 09:30:00 UTC. */
export const nowMs = Date.UTC(2026, 10, 27, 9, 30)

const order = { orderId: "6b0e7d4c-1a1f-4f0e-9d55-000000000001", quantity: 2, amountMinor: 123_450, currency: "EUR" }

/** A notice of each kind; a kind without one does not compile. */
export const notices: { readonly [Kind in Notice["kind"]]: Extract<Notice, { kind: Kind }> } = {
  "order-confirmed": { kind: "order-confirmed", ...order },
  "payment-failed": { kind: "payment-failed", ...order },
  "order-refunded": { kind: "order-refunded", ...order, refundedMinor: 23_450 },
  "order-partly-refunded": { kind: "order-partly-refunded", ...order, refundedMinor: 1_000 },
  "hold-expired": { kind: "hold-expired", quantity: 1 },
  "waitlist-promoted": { kind: "waitlist-promoted", quantity: 1, expiresAtMs: nowMs + 119_400 },
  "waitlist-lapsed": { kind: "waitlist-lapsed", quantity: 3 },
}
