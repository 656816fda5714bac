import type { Answer } from "./answer.ts"
import type { StoredPurchase, Wish } from "./purchase-state.ts"

/** The members of a reservation that the page reads. A newer API may add others, and other statuses. */
export interface ReservationBody {
  readonly reservation_id: string
  readonly status: string
  readonly quantity: number
  readonly reason?: string | undefined
  readonly receipt?: string | undefined
  readonly expires_at?: string | undefined
  readonly expires_in_seconds?: number | undefined
  readonly position?: number | undefined
  readonly estimated_wait_ms?: number | undefined
  readonly order_id?: string | undefined
}

/** The answer of a checkout: an order, or the provider's page. */
export interface CheckoutAnswer {
  readonly order_id?: string | undefined
  readonly action_url?: string | undefined
}

export type PurchaseEvent =
  /** The shopper asks for units. The key is new. */
  | { readonly kind: "reserve"; readonly wish: Wish }
  /** The device has stored the wish, or found another tab's. */
  | { readonly kind: "claimed"; readonly stored: StoredPurchase }
  | { readonly kind: "reserve-answer"; readonly key: string; readonly answer: Answer<ReservationBody> }
  | { readonly kind: "read-answer"; readonly id: string; readonly answer: Answer<ReservationBody> }
  | { readonly kind: "cancel" }
  | { readonly kind: "cancel-answer"; readonly id: string; readonly answer: Answer<ReservationBody> }
  /** The shopper pays with a method of the provider. The key is new. */
  | { readonly kind: "pay"; readonly key: string; readonly method: string }
  | { readonly kind: "pay-answer"; readonly key: string; readonly answer: Answer<CheckoutAnswer> }
  /** Another tab changed what the device keeps. */
  | { readonly kind: "elsewhere"; readonly stored: StoredPurchase | undefined }
  /** Time passes. */
  | { readonly kind: "tick" }
  /** The device woke up, came online, or the shopper signed in again: everything that waits is asked now. */
  | { readonly kind: "wake" }
  /** The shopper sends an old request again. */
  | { readonly kind: "ask-again" }
  /** The shopper has read how their request ended. */
  | { readonly kind: "dismiss" }
