/** A payment to hold the shopper's money for; `attemptId` makes repeating it harmless. */
export interface Authorisation {
  readonly attemptId: string
  readonly reservationId: string
  /** In the currency's minor unit. */
  readonly amountMinor: number
  /** ISO 4217. */
  readonly currency: string
  readonly paymentMethod: string
}

/** How the provider answered an authorisation. */
export type AuthorisationResult =
  | { readonly kind: "made"; readonly payment: ProviderPayment }
  | { readonly kind: "declined"; readonly code: string }
  /** The same attempt is being authorised by another call at this moment. */
  | { readonly kind: "in-progress" }
  /** The provider recorded a failure for the attempt and gives no other answer to it. It may have made the payment all the same. */
  | { readonly kind: "failed" }

/** `failed`: the payment itself is over, so that no later try can collect the money. */
type CaptureResult = { readonly kind: "captured" } | { readonly kind: "failed"; readonly code: string }

/** Where a payment stands with the provider. */
export type ProviderPayment = {
  /** The provider's name of the payment. */
  readonly ref: string
  /** Whose payment it is; absent for one that we did not make. */
  readonly attemptId?: string
} & (
  | { readonly status: "authorised" | "captured" }
  /** The shopper has to prove who he is, at a page of the provider's. */
  | { readonly status: "action-required"; readonly actionUrl: string }
  /** Nothing is held, and without another payment method nothing will be. */
  | { readonly status: "unpaid" | "void"; readonly code: string }
  /** The provider is not done with it. */
  | { readonly status: "pending" }
)

/** One attempt's payment: its id gives the idempotency keys, its `ref` names it. */
export interface PaymentRef {
  readonly attemptId: string
  readonly ref: string
}

/**
 * What the sale needs of a payment provider. Every call may be repeated: it takes effect once.
 * Each of them throws a `ProviderFailure`: `OutcomeUnknown` when the provider gave no definite answer, `RequestRefused` when it refuses how we
 * ask, `ProviderBusy` when it was not asked at all.
 */
export interface PaymentProvider {
  authorise(authorisation: Authorisation): Promise<AuthorisationResult>
  capture(payment: PaymentRef): Promise<CaptureResult>
  /** Gives up what was authorised; `captured` when it is too late for that, and only a refund helps. */
  void(payment: PaymentRef): Promise<"void" | "captured">
  refund(payment: PaymentRef): Promise<void>
  /** The payment of this name, as it stands now; undefined when there is none. */
  retrieve(ref: string): Promise<ProviderPayment | undefined>
  /** The payment of an attempt whose answer was lost; the provider's search may lag behind by a minute. */
  findByAttempt(attemptId: string): Promise<ProviderPayment | undefined>
}

/** A call to the provider that did not do what was asked, and that is to be made again. */
export abstract class ProviderFailure extends Error {}

/** The provider did not answer, or not definitely: the payment may or may not have been made. */
export class OutcomeUnknown extends ProviderFailure {
  constructor(operation: string, cause: unknown) {
    super(`The payment provider gave no definite answer to ${operation}`, { cause })
    this.name = "OutcomeUnknown"
  }
}

/** The provider refuses the request itself: a key, a right or a parameter of ours is wrong. No shopper can mend it, and no card is to blame. */
export class RequestRefused extends ProviderFailure {
  constructor(operation: string, code: string, cause?: unknown) {
    super(`The payment provider refuses how we ask for ${operation}: ${code}`, { cause })
    this.name = "RequestRefused"
  }
}

/** More calls wait for the provider than it takes in time: this one was not made, or the provider turned it away. */
export class ProviderBusy extends ProviderFailure {
  /** When there may be room again. */
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super(`The payment provider takes no more calls for ${Math.ceil(retryAfterMs)} ms`)
    this.name = "ProviderBusy"
    this.retryAfterMs = retryAfterMs
  }
}

/** Gives the shopper's money back, whichever way is still open. @throws ProviderFailure */
export async function giveBack(provider: PaymentProvider, payment: PaymentRef): Promise<void> {
  if ((await provider.void(payment)) === "captured") await provider.refund(payment)
}
