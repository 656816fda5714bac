/**
 * A payment for which the provider is to hold the shopper's money. A repeated call with the same `attemptId` takes effect once.
 */
export interface Authorisation {
  readonly attemptId: string
  readonly reservationId: string
  /** In the currency's minor unit. */
  readonly amountMinor: number
  /** ISO 4217. */
  readonly currency: string
  readonly paymentMethod: string
  /** Where the provider's own page sends the shopper back, on a stage that has no address of its own (stripe.ts). */
  readonly returnUrl?: string | undefined
}

/** How the provider answered an authorisation. */
export type AuthorisationResult =
  | { readonly kind: "made"; readonly payment: ProviderPayment }
  | { readonly kind: "declined"; readonly code: string }
  /** Another call authorises the same attempt at this moment. */
  | { readonly kind: "in-progress" }
  /** The provider recorded a failure for the attempt and repeats it for every call. It may have made the payment all the same. */
  | { readonly kind: "failed" }

/** `failed`: the payment itself is over, so that no later try can capture the money. */
export type CaptureResult = { readonly kind: "captured" } | { readonly kind: "failed"; readonly code: string }

/** Where a payment stands with the provider. */
export type ProviderPayment = {
  /** The provider's name of the payment. */
  readonly ref: string
  /** The attempt that the payment belongs to; absent for a payment that we did not make. */
  readonly attemptId?: string
} & (
  | { readonly status: "authorised" | "captured" }
  /** The shopper has to authenticate on a page of the provider. */
  | { readonly status: "action-required"; readonly actionUrl: string }
  /** The provider holds no money, and it will hold none without another payment method. */
  | { readonly status: "unpaid" | "void"; readonly code: string }
  /** The provider has not finished with it. */
  | { readonly status: "pending" }
)

/** Money of a captured payment that is to go back. A repeated call with the same `refundId` takes effect once. */
export interface RefundRequest extends PaymentRef {
  readonly refundId: string
  /** In the currency's minor unit. */
  readonly amountMinor: number
}

/** Money of a payment that went back, or is to go back: by a refund, or by a dispute that the shopper's bank decides. */
export interface ProviderRefund {
  /** The provider's name of the refund or the dispute. */
  readonly ref: string
  readonly kind: "refund" | "dispute"
  /** Our id of the refund; absent for one that was made at the provider. */
  readonly refundId?: string
  readonly amountMinor: number
  /** A refund that succeeded may fail later, when the shopper's bank sends the money back. */
  readonly status: "pending" | "succeeded" | "failed"
  /** Why it failed. */
  readonly code?: string
}

/** A refund or a dispute, and the provider's name of its payment. */
export interface RecentRefund {
  readonly ref: string
  readonly paymentRef: string
}

/** A payment in a list of payments, and what it belongs to. */
export interface ListedPayment {
  readonly payment: ProviderPayment
  /** The reservation in its metadata; absent for a payment that we did not make. */
  readonly reservationId?: string
  readonly amountMinor: number
  readonly createdAtMs: number
}

/** A refund or a dispute in a list, and the provider's name of its payment. */
export interface ListedRefund extends ProviderRefund {
  readonly paymentRef: string
}

/** `refused`: the provider does not make this refund, and made nothing. */
export type RefundResult =
  | { readonly kind: "made"; readonly refund: ProviderRefund }
  | { readonly kind: "refused"; readonly code: string }

/** The payment of one attempt: the attempt's id gives the idempotency keys, `ref` is the provider's name of the payment. */
export interface PaymentRef {
  readonly attemptId: string
  readonly ref: string
}

/**
 * What the sale needs of a payment provider. Every call may be repeated: it takes effect once. Every call throws a
 * `ProviderFailure`: `PaymentOutcomeUnknown` when the provider gave no definite answer, `PaymentRequestRefused` when it refuses
 * our request itself, `ProviderBusy` when the call was not made.
 */
export interface PaymentProvider {
  authorise(authorisation: Authorisation): Promise<AuthorisationResult>
  capture(payment: PaymentRef): Promise<CaptureResult>
  /** Cancels an authorisation; `captured` when it is too late for that, and only a refund helps. */
  void(payment: PaymentRef): Promise<"void" | "captured">
  /** Returns all money of a payment that has no order. */
  refund(payment: PaymentRef): Promise<void>
  /** Returns money of an order's payment. */
  requestRefund(request: RefundRequest): Promise<RefundResult>
  /** Every refund and dispute of a payment, as it stands now, the newest first. */
  refundsOf(ref: string): Promise<readonly ProviderRefund[]>
  /** The refunds and disputes of all payments that were made in the last `seconds`, the newest ones where there are many. */
  recentRefunds(seconds: number): Promise<readonly RecentRefund[]>
  /** Every payment that was made in the last `seconds`, a page of at most 100 at a time, the newest first. */
  paymentsSince(seconds: number): AsyncIterable<readonly ListedPayment[]>
  /** Every refund and dispute that was made in the last `seconds`, in the same way. */
  refundsSince(seconds: number): AsyncIterable<readonly ListedRefund[]>
  /** The payment of this name, as it stands now; undefined when there is none. */
  retrieve(ref: string): Promise<ProviderPayment | undefined>
  /** Finds the payment of an attempt whose answer was lost. The provider's search may show a payment a minute late. */
  findByAttempt(attemptId: string): Promise<ProviderPayment | undefined>
}

/** A call to the provider that did not do its work. The caller has to make it again. */
export abstract class ProviderFailure extends Error {}

/** The provider gave no answer, or no definite one: the payment may or may not have been made. */
export class PaymentOutcomeUnknown extends ProviderFailure {
  constructor(operation: string, cause: unknown) {
    super(`The payment provider gave no definite answer to ${operation}`, { cause })
    this.name = "PaymentOutcomeUnknown"
  }
}

/**
 * The provider refuses the request itself: our key, our rights or a parameter is wrong. The shopper and their card are not the
 * reason.
 */
export class PaymentRequestRefused extends ProviderFailure {
  constructor(operation: string, code: string, cause?: unknown) {
    super(`The payment provider refuses our request to ${operation}: ${code}`, { cause })
    this.name = "PaymentRequestRefused"
  }
}

/**
 * More calls wait for the provider than it takes in time: this one was not made, or the provider refused it for its rate limit.
 */
export class ProviderBusy extends ProviderFailure {
  /** Another call may find a free turn after this time. */
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super(`The payment provider takes no more calls for ${Math.ceil(retryAfterMs)} ms`)
    this.name = "ProviderBusy"
    this.retryAfterMs = retryAfterMs
  }
}

/** Returns the shopper's money: cancels the payment, or refunds it when it was captured. @throws ProviderFailure */
export async function cancelOrRefund(provider: PaymentProvider, payment: PaymentRef): Promise<void> {
  if ((await provider.void(payment)) === "captured") await provider.refund(payment)
}
