import { LogFormatter, LogItem } from "@aws-lambda-powertools/logger"
import type { LogAttributes, UnformattedAttributes } from "@aws-lambda-powertools/logger/types"

/**
 * The members that a log line may have besides its message. None of them can hold a token, a card, an idempotency key or the
 * name of a person: a user appears as the id that we made of the token's subject. Other members are left out, and `not_logged`
 * names them.
 */
export const loggedMembers: ReadonlySet<string> = new Set([
  ...["correlation_id", "request_id", "traceparent", "route", "function", "problem", "status"],
  ...["attemptId", "orderId", "refundId", "reservationId", "skuNo", "sku_id", "skus", "quantity", "halted"],
  ...["topic", "groupId", "group", "reason", "partition", "offset", "place", "first", "from", "last", "failures"],
  ...["command", "operator", "sku", "step", "secret", "stage", "applied", "entries", "decisions", "task", "failingMs"],
  ...["limits", "records", "readsPerSecond", "wanted"],
  ...["processed", "succeeded", "failed", "per_second", "success_rate_percent"],
  ...["tookMs", "rounds", "firstRoundMs", "lastRoundMs"],
  // Of a flagged client: 32 bits of the id that we made of their token, and nothing that they sent.
  ...["user", "tier", "signals", "outcome", "left_out"],
  ...["code", "port", "url", "away_ms"],
  // Of a notice: its event, its kind, and a code of ours or of the mail provider. Never the address.
  ...["eventId", "generation", "notice", "reason"],
  // Of an alarm and its page. A pager answers with a key that we gave it.
  ...["part", "alarm", "priority", "state", "drill", "pager"],
])

/**
 * The members of an error that are logged beside name, message and stack. Libraries attach more: a driver its parameters, a
 * payment provider the whole payment.
 */
const errorMembers: ReadonlySet<string> = new Set([
  ...["code", "errno", "syscall", "address", "port", "statusCode", "slug"],
  ...["severity", "schema", "table", "column", "constraint", "routine"],
])

/** How deep a chain of causes is followed. */
const maxCauses = 5

/** A message of a library may repeat these: tokens, keys and payment methods of the provider, addresses, card numbers. */
const secretShapes = [
  /\bey[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\bbearer\s+\S+/gi,
  /\b(?:sk|pk|rk|pm|pi|card|tok|src|cus|seti)_\w{4,}/g,
  /[\w.+-]+@[\w-]+\.[\w.-]+/g,
  /\b(?:\d[ -]?){13,19}\b/g,
]
const withoutSecrets = (text: string): string => secretShapes.reduce((rest, shape) => rest.replace(shape, "[redacted]"), text)

/** Writes log lines by an allow-list: a member that is not on the list is not logged. */
export class LogLines extends LogFormatter {
  readonly #serviceName: () => string

  /** @param serviceName the name of the process that each line carries */
  constructor(serviceName: () => string) {
    super()
    this.#serviceName = serviceName
  }

  override formatAttributes(attributes: UnformattedAttributes, more: LogAttributes): LogItem {
    const { logLevel, message, timestamp, xRayTraceId } = attributes
    const { error, ...rest } = more
    const said = Object.entries(rest).filter(([name]) => loggedMembers.has(name))
    const withheld = Object.keys(rest).filter((name) => !loggedMembers.has(name))
    return new LogItem({
      attributes: {
        level: logLevel,
        message: withoutSecrets(message),
        timestamp: this.formatTimestamp(timestamp),
        service: this.#serviceName(),
        ...(xRayTraceId !== undefined && { xray_trace_id: xRayTraceId }),
        ...Object.fromEntries(said),
        ...(error !== undefined && { error: error instanceof Error ? error : withoutSecrets(String(error)) }),
        ...(withheld.length > 0 && { not_logged: withheld }),
      },
    })
  }

  override formatError(error: Error): LogAttributes {
    return this.#lineOf(error, maxCauses)
  }

  #lineOf(error: Error, causes: number): LogAttributes {
    const { name, message, stack, cause } = error
    return {
      name,
      location: this.getCodeLocation(stack),
      message: withoutSecrets(message),
      ...(stack !== undefined && { stack: withoutSecrets(stack) }),
      ...Object.fromEntries(Object.entries(error).filter(([member]) => errorMembers.has(member))),
      ...(cause instanceof Error && causes > 0 && { cause: this.#lineOf(cause, causes - 1) }),
    }
  }
}
