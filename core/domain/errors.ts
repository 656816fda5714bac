/** The part of an error that is for the caller. The message is for the log. */
interface ErrorDetails extends ErrorOptions {
  /** A sentence for the caller: what is wrong, and what to do. */
  readonly detail?: string
  /** When another try may succeed. */
  readonly retryAfterSeconds?: number
}

/**
 * An outcome that the caller gets as an answer. It has no stack: a rush makes thousands of these a second, and a stack would take
 * 5 of the 60 us that a refusal takes. Its cause keeps the stack of the failure.
 */
class ExpectedError extends Error {
  readonly detail?: string
  readonly retryAfterSeconds?: number

  constructor(message: string, { detail, retryAfterSeconds, ...options }: ErrorDetails = {}) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = stackTraceLimit
    if (detail !== undefined) this.detail = detail
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds
  }
}

/** This process has reached a limit of its work. Nothing happened; another try may succeed. */
export class Overloaded extends ExpectedError {
  override readonly name = "Overloaded"
}

/** A part that is needed does not answer, or the answer is not known yet. Nothing happened; another try may succeed. */
export class TemporarilyUnavailable extends ExpectedError {
  override readonly name = "TemporarilyUnavailable"
}

/** The request may or may not have taken effect. The same request with the same key returns the outcome. */
export class OutcomeUnknown extends ExpectedError {
  override readonly name = "OutcomeUnknown"
}

/** The thing does not exist, or it does not belong to the caller. */
export class NotFound extends ExpectedError {
  override readonly name = "NotFound"
  readonly kind: "sku" | "reservation" | "order" | "group" | "session" | "topic" | "quarantined"

  constructor(kind: NotFound["kind"], options?: ErrorDetails) {
    super(`There is no such ${kind}`, options)
    this.kind = kind
  }
}

/** Why a command changes nothing. */
export type CommandRefusal =
  | "sku-exists"
  | "sale-closed"
  | "below-committed"
  | "backlog-not-drained"
  | "idempotency-key-reused"
  | "order-not-paid"
  | "order-already-refunded"
  | "refund-in-progress"
  | "refund-too-large"
  | "refund-refused"
  | "group-has-members"
  | "replay-refused"
  | "quarantine-settled"
  | "generation-not-ended"

/** The state of the sale does not allow the command, or its key belongs to another command. Nothing was changed. */
export class CommandRefused extends ExpectedError {
  override readonly name = "CommandRefused"
  readonly reason: CommandRefusal

  constructor(reason: CommandRefusal, options?: ErrorDetails) {
    super(`The command was refused: ${reason}`, options)
    this.reason = reason
  }
}
