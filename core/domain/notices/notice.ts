/** The facts of a notice, without the person and without the product's name. Amounts are in the currency's minor unit. */
export type Notice =
  /** The order is paid: it is final. */
  | ({ readonly kind: "order-confirmed" } & Order)
  /** The money could not be taken. The order is over. */
  | ({ readonly kind: "payment-failed" } & Order)
  /** All money went back. */
  | ({ readonly kind: "order-refunded" } & Order & Refunded)
  /** A part of the money went back; the order stays. */
  | ({ readonly kind: "order-partly-refunded" } & Order & Refunded)
  /** The time to pay ended. */
  | { readonly kind: "hold-expired"; readonly quantity: number }
  /** A unit came back, and it belongs to the first shopper on the waitlist, who has until `expiresAtMs` to pay. */
  | { readonly kind: "waitlist-promoted"; readonly quantity: number; readonly expiresAtMs: number }
  /** The sale closed before a unit came back. */
  | { readonly kind: "waitlist-lapsed"; readonly quantity: number }

interface Order {
  readonly orderId: string
  readonly quantity: number
  readonly amountMinor: number
  readonly currency: string
}

interface Refunded {
  readonly refundedMinor: number
}

export type NoticeKind = Notice["kind"]
/** The notice of one kind. */
export type NoticeOf<Kind extends NoticeKind> = Extract<Notice, { readonly kind: Kind }>

export const noticeKinds = [
  "order-confirmed",
  "payment-failed",
  "order-refunded",
  "order-partly-refunded",
  "hold-expired",
  "waitlist-promoted",
  "waitlist-lapsed",
] as const satisfies readonly NoticeKind[]

/** The languages that notices are written in. The first is used when a shopper's language is not known. */
export const noticeLanguages = ["en", "de"] as const
export type NoticeLanguage = (typeof noticeLanguages)[number]

/** How a shopper reads: their language, and their time zone (IANA) when it is known. */
export interface Reader {
  readonly language: NoticeLanguage
  readonly zone?: string
}

/** What became of a notice. */
export const noticeStates = [
  /** It is about to be sent, or its sender ended before it could record the outcome. */
  "INTENDED",
  /** The mail provider took it. */
  "SENT",
  /** The mail provider refused it for good. */
  "FAILED",
  /** The shopper has no address. */
  "NO_ADDRESS",
  /** It may have been sent. It is not sent again: nobody gets two. */
  "UNKNOWN",
  /** It was sent, and the address does not exist or takes no mail. */
  "BOUNCED",
  /** It was sent, and the shopper marked it as unwanted. */
  "COMPLAINED",
] as const
export type NoticeState = (typeof noticeStates)[number]
