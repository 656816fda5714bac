import { failureKind } from "../postgres/transaction-errors.ts"
import { isRedisUnavailable } from "../redis/server-errors.ts"

/** How deep a chain of causes is followed. */
const maxCauses = 5

/** kafkajs and undici prefix their names and codes. */
const clientNames = /^(KafkaJS|TimeoutError$|MaxRetriesPerRequestError$)/

/** True when a part that the API depends on did not answer, or the way to it is broken: trying again may help. */
export function isUnavailable(error: unknown): boolean {
  for (let [cause, depth] = [error, 0]; cause instanceof Error && depth < maxCauses; [cause, depth] = [cause.cause, depth + 1]) {
    if (failureKind(cause) === "unavailable" || clientNames.test(cause.name) || isRedisUnavailable(cause)) return true
    if ("code" in cause && typeof cause.code === "string" && cause.code.startsWith("UND_ERR_")) return true
  }
  return false
}
