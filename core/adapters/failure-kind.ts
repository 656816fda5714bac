import { DatabaseError } from "pg"
import { kindOfSqlState, type SqlFailureKind } from "./postgres/transaction-errors.ts"
import { isRedisUnavailable } from "./redis/server-errors.ts"

/**
 * What a failure means for the code that meets it. One classifier for the writer, the API, the sweeper and the relay: what the writer
 * tries again is a 503 with Retry-After for a client.
 */
export type FailureKind =
  | SqlFailureKind
  /** No server and no network said this: it is a fault of our own code. */
  | "bug"

/** How deep a chain of causes is followed. */
const maxCauses = 5

/** Codes of libuv and of the resolver (`ECONNREFUSED`, `EAI_AGAIN`, `EMFILE`); Node's own `ERR_...` are mostly misuse of its API. */
const systemCode = /^E(?!RR_)[A-Z0-9_]+$/
/** Codes of a connection that TLS or Node itself refuses or has closed, and of undici. */
const connectionCode = /^(UND_ERR_|ERR_(TLS|SSL|SOCKET|STREAM)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/
const sqlState = /^[0-9A-Z]{5}$/
/** pg says these about its connection and gives no code; the tests hold the list against its source. */
const postgresMessage =
  /connection (terminated|ended|error)|not queryable|timeout (exceeded|expired)|read timeout|client was closed|ssl connection|^sasl|from backend|authenticationok message|pool after calling end/i
/** kafkajs prefixes its names. */
const clientName = /^(KafkaJS|TimeoutError$|MaxRetriesPerRequestError$)/

/**
 * Classifies what a client of PostgreSQL, Redis, Kafka or HTTP threw, also as the cause of another error. An answer of PostgreSQL that
 * nobody has thought of is "unavailable": an unknown illness waits, it is never blamed on a record or a client.
 */
export function failureKind(error: unknown): FailureKind {
  for (let [cause, depth] = [error, 0]; cause instanceof Error && depth < maxCauses; [cause, depth] = [cause.cause, depth + 1]) {
    const kind = kindOf(cause)
    if (kind !== "bug") return kind
  }
  return "bug"
}

/** True when a part that the API depends on did not answer, refused, or cannot be reached: trying again may help. */
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
