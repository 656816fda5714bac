/** The moment of an event, and what else a transition may not find out itself. */
export interface At {
  /** The server's clock as the page knows it, in milliseconds since the epoch: for countdowns. */
  readonly serverMs: number
  /** A clock that only goes forward, in milliseconds: for pauses between calls. */
  readonly steadyMs: number
  /** In [0, 1). */
  readonly random: number
  /** Nobody looks at the page. */
  readonly isHidden: boolean
}

/** What the shopper asked for. It is stored on the device before it is sent, and every try carries its key. */
export interface Wish {
  readonly key: string
  readonly skuId: string
  readonly quantity: number
  readonly joinWaitlist: boolean
  /** By the server's clock. */
  readonly askedAtMs: number
}

/** A reservation as the API last described it. */
export interface Known {
  readonly id: string
  readonly receipt?: string | undefined
  /** A status of the contract, or of a newer one. */
  readonly status: string
  readonly quantity: number
  readonly reason?: string | undefined
  readonly expiresAtMs?: number | undefined
  readonly position?: number | undefined
  readonly waitMs?: number | undefined
  readonly orderId?: string | undefined
}

/** A call that an open page makes: under way, due at a moment of the steady clock, or not needed. */
export type Call = { readonly kind: "sent" } | { readonly kind: "due"; readonly atMs: number } | { readonly kind: "rest" }

/** Why the last call did not answer what was asked. */
export interface Trouble {
  /** A problem's slug, or `lost`, or `old`: the request was made long before this page was opened. */
  readonly slug: string
  readonly failures: number
}

/** One payment: its key and its method are stored on the device before they are sent. */
export interface Attempt {
  readonly key: string
  readonly method: string
  /** The provider's page where the shopper confirms; known once the API has answered with it. */
  readonly actionUrl?: string | undefined
}

export type Payment =
  | {
      readonly kind: "none"
      readonly note?: PaymentNote | undefined
      /** The key of the payment that came to its end. */
      readonly ended?: string | undefined
    }
  /** Sent, or to be sent again. With trouble, nobody knows yet whether it took effect. */
  | {
      readonly kind: "asking"
      readonly attempt: Attempt
      readonly call: Call
      readonly trouble?: Trouble | undefined
      /** The shopper paid on this page, which may leave for the provider's: a second tab or a reloaded page stays. */
      readonly mayLeave?: boolean | undefined
    }
  /** The shopper has to confirm with the provider; the page asks whether they did. */
  | { readonly kind: "confirming"; readonly attempt: Attempt & { readonly actionUrl: string }; readonly call: Call }

/** What became of the payment before: `ended` means that the hold ended first. */
export type PaymentNote = "declined" | "not-confirmed" | "in-progress" | "not-possible" | "ended"

/** The shopper's wish for one SKU, on this device. */
export type Purchase =
  /** Nothing was asked, or `past` is over and the shopper has seen it. */
  | { readonly kind: "nothing"; readonly past?: Wish | undefined }
  /** The wish is being stored; another tab may have stored one before. */
  | { readonly kind: "claiming"; readonly wish: Wish }
  | Asking
  | Following
  | Refused

/** No answer yet: nobody knows what became of the request, and the same key is sent until someone does. */
export interface Asking {
  readonly kind: "asking"
  readonly wish: Wish
  readonly call: Call
  readonly trouble?: Trouble | undefined
  /** A call of this key may have taken effect. */
  readonly isInDoubt: boolean
}

/** The API has named the reservation. */
export interface Following {
  readonly kind: "following"
  readonly wish: Wish
  readonly known: Known
  readonly call: Call
  readonly trouble?: Trouble | undefined
  readonly payment: Payment
  /** Milliseconds of the hold that are left, as last shown. Only an answer of the API makes it larger. */
  readonly leftMs?: number | undefined
  /** A unit came from the waitlist while the page was open, or since it was last open. */
  readonly wasPromoted?: boolean | undefined
  readonly cancel?: "sent" | "failed" | undefined
}

/** The API refused the request for good. */
export interface Refused {
  readonly kind: "refused"
  readonly wish: Wish
  readonly slug: string
  /** Seconds after which the API said that a new request may help. */
  readonly retryAfterSeconds?: number | undefined
}

/** What a transition wants done. They are carried out in their order. */
export type Effect =
  /** Store the wish, unless another tab stored one that is not over; answer with `claimed`. */
  | { readonly kind: "claim"; readonly wish: Wish }
  | { readonly kind: "store"; readonly record: StoredPurchase | undefined }
  | { readonly kind: "reserve"; readonly wish: Wish }
  | { readonly kind: "read"; readonly id: string; readonly receipt?: string | undefined }
  | { readonly kind: "cancel"; readonly id: string; readonly receipt?: string | undefined }
  | { readonly kind: "pay"; readonly id: string; readonly receipt?: string | undefined; readonly attempt: Attempt }
  /** Leave the page for the provider's. */
  | { readonly kind: "leave"; readonly url: string }
  | { readonly kind: "notify"; readonly notice: Notice }

export type Notice = "held" | "promoted" | "paid" | "ended"

/** What the device keeps of a purchase. */
export interface StoredPurchase {
  readonly wish: Wish
  readonly known?: Known | undefined
  readonly attempt?: Attempt | undefined
  /** The slug of a refusal; `dismissed`: it is over, and the shopper has seen it. */
  readonly refused?: string | undefined
  readonly wasPromoted?: boolean | undefined
  readonly note?: PaymentNote | undefined
  readonly endedAttempt?: string | undefined
}

export interface Step {
  readonly purchase: Purchase
  readonly effects: readonly Effect[]
}

export const nothing: Purchase = { kind: "nothing" }
export const rest: Call = { kind: "rest" }
export const sent: Call = { kind: "sent" }
export const dueNow = ({ steadyMs }: At): Call => ({ kind: "due", atMs: steadyMs })
export const dueIn = (ms: number, { steadyMs }: At): Call => ({ kind: "due", atMs: steadyMs + ms })
export const isDue = (call: Call, { steadyMs }: At): boolean => call.kind === "due" && call.atMs <= steadyMs

export const noPayment: Payment = { kind: "none" }
