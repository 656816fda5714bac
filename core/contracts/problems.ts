/**
 * The next step of a client: `never` retry, retry `after` the stated time, retry with the `same-key`, or `fix` the request.
 */
export type Advice = "never" | "after" | "same-key" | "fix"

interface Problem {
  readonly status: number
  readonly title: string
  readonly retry: Advice
}

/**
 * Every error that this system answers with, and nothing else. The slug is the `type` of the problem document
 * (`/problems/<slug>`, RFC 9457) and, for a refusal, the `reason` of the reservation. The first one is no error: it is here
 * because a client distinguishes all answers of a checkout without an order by their `type`.
 */
export const problems = {
  "payment-action-required": { status: 202, title: "The shopper has to confirm the payment with the provider", retry: "after" },
  "malformed-json": { status: 400, title: "The body is not well-formed JSON", retry: "fix" },
  "signature-invalid": { status: 400, title: "The signature of the call is not valid", retry: "fix" },
  "idempotency-key-required": { status: 400, title: "An Idempotency-Key header is required", retry: "fix" },
  "idempotency-key-invalid": { status: 400, title: "The Idempotency-Key header is not valid", retry: "fix" },
  unauthorized: { status: 401, title: "A valid access token is required", retry: "fix" },
  "payment-declined": { status: 402, title: "The payment was declined; the hold is kept", retry: "fix" },
  "insufficient-scope": { status: 403, title: "The access token lacks the scope for this", retry: "fix" },
  "not-found": { status: 404, title: "There is nothing here", retry: "never" },
  "sku-not-found": { status: 404, title: "There is no such SKU", retry: "never" },
  "reservation-not-found": { status: 404, title: "There is no such reservation", retry: "never" },
  "order-not-found": { status: 404, title: "There is no such order", retry: "never" },
  "group-not-found": { status: 404, title: "There is no such consumer group", retry: "never" },
  "session-not-found": { status: 404, title: "There is no such session of the database", retry: "never" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here", retry: "fix" },
  "not-acceptable": { status: 406, title: "Only application/json can be answered", retry: "fix" },
  "request-timeout": { status: 408, title: "The request did not arrive in time", retry: "same-key" },
  "sold-out": { status: 409, title: "Every unit is taken", retry: "never" },
  "user-limit-reached": { status: 409, title: "The limit per shopper is reached", retry: "never" },
  "hold-limit-reached": { status: 409, title: "Too many holds of the shopper were not paid", retry: "never" },
  "sale-not-open": { status: 409, title: "The sale is not open yet", retry: "never" },
  "sale-closed": { status: 409, title: "The sale is closed", retry: "never" },
  invalid: { status: 409, title: "The request was not valid", retry: "never" },
  "not-decided-yet": { status: 409, title: "The reservation is not decided yet", retry: "after" },
  "request-lost": { status: 409, title: "The queue lost the request before its decision", retry: "same-key" },
  "generation-not-ended": { status: 409, title: "The generation of the requests cannot end now", retry: "after" },
  "reservation-expired": { status: 409, title: "The hold has ended", retry: "never" },
  "reservation-cancelled": { status: 409, title: "The reservation was cancelled", retry: "never" },
  "reservation-confirmed": { status: 409, title: "The reservation is paid and cannot be cancelled", retry: "never" },
  "payment-in-progress": { status: 409, title: "Another payment of this reservation is under way", retry: "after" },
  "sku-exists": { status: 409, title: "The SKU exists with other properties", retry: "never" },
  "backlog-not-drained": { status: 409, title: "The queue is not empty, or its length is not known", retry: "after" },
  "below-committed": { status: 409, title: "The stock cannot go below what is reserved and sold", retry: "never" },
  "order-not-paid": { status: 409, title: "No money of the order was captured", retry: "after" },
  "order-already-refunded": { status: 409, title: "All money of the order went back", retry: "never" },
  "refund-in-progress": { status: 409, title: "Refunds of the order are not finished", retry: "after" },
  "refund-too-large": { status: 409, title: "The amount is over what is left of the payment", retry: "never" },
  "topic-not-found": { status: 404, title: "There is no such topic", retry: "never" },
  "quarantined-not-found": { status: 404, title: "No record is in quarantine there", retry: "never" },
  "quarantine-settled": { status: 409, title: "An operator has ended the record already", retry: "never" },
  "group-has-members": { status: 409, title: "The consumer group has members", retry: "after" },
  "replay-refused": { status: 409, title: "The group cannot read from there", retry: "fix" },
  "refund-refused": { status: 409, title: "The payment provider made no refund", retry: "never" },
  "payload-too-large": { status: 413, title: "The body is too large", retry: "fix" },
  "unsupported-media-type": { status: 415, title: "The Content-Type must be application/json", retry: "fix" },
  "validation-failed": { status: 422, title: "The request is not valid", retry: "fix" },
  "quantity-limit": { status: 422, title: "The quantity is over the limit per shopper", retry: "fix" },
  "idempotency-key-reused": { status: 422, title: "The Idempotency-Key was used with another body", retry: "fix" },
  "rate-limited": { status: 429, title: "Too many requests", retry: "after" },
  "headers-too-large": { status: 431, title: "The headers or the query are too large", retry: "fix" },
  "internal-error": { status: 500, title: "Something went wrong on our side", retry: "same-key" },
  "sale-halted": { status: 503, title: "The sale is halted for the moment", retry: "after" },
  "temporarily-unavailable": { status: 503, title: "Temporarily unavailable", retry: "same-key" },
  "outcome-unknown": { status: 503, title: "The request may or may not have taken effect", retry: "same-key" },
} as const satisfies Record<string, Problem>

export type ProblemSlug = keyof typeof problems

/** One field that is wrong in a request body, query or path. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

/** The optional parts of a problem. `extensions` are further members of the document, in `snake_case`. */
export interface ProblemDetails {
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** A problem on its way to the client; thrown by handlers and workflows, encoded in one place. */
export class ProblemError extends Error {
  readonly slug: ProblemSlug
  readonly details: ProblemDetails

  constructor(slug: ProblemSlug, details: ProblemDetails = {}, options?: ErrorOptions) {
    super(`${slug}: ${details.detail ?? problems[slug].title}`, options)
    this.name = "ProblemError"
    this.slug = slug
    this.details = details
  }
}

/**
 * Builds a problem to throw: `throw problem("sold-out", { extensions: { decided: false } })`. It has no stack: it is an ordinary
 * outcome, and a stack would take 5 of the 60 us that a refusal takes.
 */
export function problem(slug: ProblemSlug, details?: ProblemDetails, cause?: unknown): ProblemError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const made = new ProblemError(slug, details, cause === undefined ? undefined : { cause })
  Error.stackTraceLimit = stackTraceLimit
  return made
}
