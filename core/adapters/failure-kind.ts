import { DatabaseError } from "pg"
import { kindOfSqlState, type SqlFailureKind } from "./postgres/transaction-errors.ts"
import { isRedisUnavailable } from "./redis/server-errors.ts"

/**
 * The kind of a failure. The writer, the API, the sweeper and the relay use this one classifier: a failure that the writer
 * retries is a 503 with Retry-After for a client.
 */
export type FailureKind =
  | SqlFailureKind
  /** Neither a server nor the network caused it: it is a fault of our own code. */
  | "bug"

/** How deep a chain of causes is followed. */
const maxCauses = 5

/**
 * Codes of libuv and of the resolver (`ECONNREFUSED`, `EAI_AGAIN`, `EMFILE`); Node's own `ERR_...` are mostly misuse of its
 * API.
 */
const systemCode = /^E(?!RR_)[A-Z0-9_]+$/
/** Codes of a connection that TLS or Node itself refuses or has closed, and of undici. */
const connectionCode = /^(UND_ERR_|ERR_(TLS|SSL|SOCKET|STREAM)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/
const sqlState = /^[0-9A-Z]{5}$/
/** pg's messages about its connection carry no code; a test compares the list with pg's source. */
const postgresMessage =
  /connection (terminated|ended|error)|not queryable|timeout (exceeded|expired)|read timeout|client was closed|ssl connection|^sasl|from backend|authenticationok message|pool after calling end/i
/** kafkajs prefixes its names. */
const clientName = /^(KafkaJS|TimeoutError$|MaxRetriesPerRequestError$)/

/**
 * Classifies an error of a client of PostgreSQL, Redis, Kafka or HTTP, also when it is the cause of another error. An error of
 * PostgreSQL that is on no list is "unavailable": an unknown failure is retried; it is never attributed to a record or a
 * client.
 */
export function failureKind(error: unknown): FailureKind {
  for (let [cause, depth] = [error, 0]; cause instanceof Error && depth < maxCauses; [cause, depth] = [cause.cause, depth + 1]) {
    const kind = kindOf(cause)
    if (kind !== "bug") return kind
  }
  return "bug"
}

/** True when a dependency of the API did not answer, refused, or cannot be reached: another try may succeed. */
export const isUnavailable = (error: unknown): boolean => failureKind(error) !== "bug"

/** The SQLSTATE or the system's code of a failure. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === "string" ? code : undefined
}

function kindOf(error: Error): FailureKind {
  const code = codeOf(error)
  if (code !== undefined) {
    if (systemCode.test(code) || connectionCode.test(code)) return "unavailable"
    if (sqlState.test(code)) return kindOfSqlState(code)
  }
  const isOfAClient = error instanceof DatabaseError || clientName.test(error.name)
  return isOfAClient || postgresMessage.test(error.message) || isRedisUnavailable(error) ? "unavailable" : "bug"
}
