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

/** `failed` is the provider's last word: trying again cannot help. */
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
 * Each of them throws `OutcomeUnknown` when the provider gave no definite answer.
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

/** The provider did not answer, or not definitely: the payment may or may not have been made. */
export class OutcomeUnknown extends Error {
  constructor(operation: string, cause: unknown) {
    super(`The payment provider gave no definite answer to ${operation}`, { cause })
    this.name = "OutcomeUnknown"
  }
}

/** Gives the shopper's money back, whichever way is still open. @throws OutcomeUnknown */
export async function giveBack(provider: PaymentProvider, payment: PaymentRef): Promise<void> {
  if ((await provider.void(payment)) === "captured") await provider.refund(payment)
}
