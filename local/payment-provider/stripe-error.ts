/** Stripe's answer to a call that it does not carry out: an HTTP status and an `error` object. */
export class StripeError extends Error {
  readonly status: number
  readonly error: Readonly<Record<string, unknown>>

  constructor(status: number, error: { type: string; message: string } & Record<string, unknown>) {
    super(error.message)
    this.name = "StripeError"
    this.status = status
    this.error = error
  }
}

/** 400, or another status: the request is wrong. */
export const invalidRequest = (code: string, message: string, more: Record<string, unknown> = {}, status = 400): StripeError =>
  new StripeError(status, { type: "invalid_request_error", code, message, ...more })

/** 402: the card was refused, not the request. */
export const cardError = (declineCode: string, message: string, more: Record<string, unknown>): StripeError =>
  new StripeError(402, { type: "card_error", code: "card_declined", decline_code: declineCode, message, ...more })

/** 500: the provider failed, and the client cannot know whether the work was done. */
export const serverError = (): StripeError =>
  new StripeError(500, { type: "api_error", message: "An unexpected error occurred." })

/** 429: the call is over the rate limit. Nothing is done, and nothing is recorded under its key. */
export const rateLimited = (): StripeError =>
  new StripeError(429, {
    type: "invalid_request_error",
    code: "rate_limit",
    message: "Request rate limit exceeded.",
  })

export const idempotencyError = (status: 400 | 409, message: string, more: Record<string, unknown> = {}): StripeError =>
  new StripeError(status, { type: "idempotency_error", message, ...more })
