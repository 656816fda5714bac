import type { Order } from "../../../core/contracts/http/checkout.ts"
import type { Availability, Sku } from "../../../core/contracts/http/skus.ts"
import type { StageConfig } from "../config/stage-config.ts"
import type { Answer } from "./answer.ts"
import type { Clock } from "./clock.ts"
import type { PurchaseEvent } from "./purchase-events.ts"
import type { Call, Effect, Purchase, StoredPurchase } from "./purchase-state.ts"
import type { Route } from "./route.ts"

/** Everything that the page shows. */
export interface PageState {
  readonly config: StageConfig | undefined
  readonly route: Route
  readonly session: Session
  readonly clock: Clock
  readonly catalogue: Catalogue
  readonly sales: Readonly<Record<string, Sale>>
  readonly purchases: Readonly<Record<string, Purchase>>
  readonly orders: Orders
  readonly isOnline: boolean
  readonly isHidden: boolean
  /** Part of a file of this page's build is gone, or the API speaks a newer language: a reload helps, and loses nothing. */
  readonly isOutdated: boolean
  readonly settings: Settings
  /** How much later than the opening this page arms its button, in milliseconds; chosen once by chance. */
  readonly spreadMs: number
  /** By the server's clock, at the last event. */
  readonly serverMs: number
  /** By the steady clock, at the last event. */
  readonly steadyMs: number
}

export interface Settings {
  readonly language: "en" | "de"
  /** A sound when a unit comes from the waitlist. */
  readonly isSoundOn: boolean
}

export type Session =
  /** It is not known yet whether the shopper is signed in. */
  | { readonly kind: "checking" }
  | { readonly kind: "signed-out"; readonly hasEnded: boolean }
  | { readonly kind: "signed-in"; readonly user: User }

export interface User {
  readonly id: string
  /** What the shopper knows themselves by: their name, or their e-mail address. */
  readonly name: string
  /** When the token ends by the server's clock; it is renewed before. */
  readonly endsAtMs: number
}

/** A list of which pages are loaded one after the other. */
export interface Listed<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
  readonly call: Call
  readonly isLoaded: boolean
  readonly failures: number
}

export type Catalogue = Listed<Sku>
export type Orders = Listed<ShownOrder>

/** An order, with the members that a newer API adds. */
export type ShownOrder = Omit<Order, "status"> & { readonly status: string; readonly refunded_minor?: number | undefined }

/** One sale as the edge describes it. */
export interface Sale {
  readonly sku: Sku | undefined
  readonly stock: Availability | undefined
  readonly skuCall: Call
  readonly stockCall: Call
  readonly failures: number
  /** The API knows no such SKU. */
  readonly isMissing: boolean
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

export type PageEvent =
  | { readonly kind: "configured"; readonly config: StageConfig }
  | { readonly kind: "routed"; readonly route: Route }
  | { readonly kind: "session"; readonly session: Session; readonly stored: Readonly<Record<string, StoredPurchase>> }
  | { readonly kind: "clock"; readonly clock: Clock }
  | { readonly kind: "catalogue-answer"; readonly cursor: string | undefined; readonly answer: Answer<Page<Sku>> }
  | { readonly kind: "sku-answer"; readonly skuId: string; readonly answer: Answer<Sku> }
  | { readonly kind: "stock-answer"; readonly skuId: string; readonly answer: Answer<Availability> }
  | { readonly kind: "orders-answer"; readonly cursor: string | undefined; readonly answer: Answer<Page<ShownOrder>> }
  | { readonly kind: "more"; readonly list: "catalogue" | "orders" }
  | { readonly kind: "purchase"; readonly skuId: string; readonly event: PurchaseEvent }
  | { readonly kind: "visibility"; readonly isHidden: boolean }
  | { readonly kind: "network"; readonly isOnline: boolean }
  | { readonly kind: "outdated" }
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "tick" }
  | { readonly kind: "wake" }

export type PageEffect =
  | { readonly kind: "read-catalogue"; readonly cursor: string | undefined }
  | { readonly kind: "read-sku"; readonly skuId: string }
  | { readonly kind: "read-stock"; readonly skuId: string }
  | { readonly kind: "read-orders"; readonly cursor: string | undefined }
  | { readonly kind: "renew-session" }
  | { readonly kind: "keep-settings"; readonly settings: Settings }
  | { readonly kind: "for-sku"; readonly skuId: string; readonly effect: Effect }

export interface PageStep {
  readonly state: PageState
  readonly effects: readonly PageEffect[]
}
