import type { PoolClient, QueryResult } from "pg"
import { outcomeCodes } from "../../core/domain/reservation.ts"

/** A request for one unit. */
export interface BaselineRequest {
  readonly id: string
  readonly userId: string
  readonly skuNo: number
}

/** The outcome, a code of `outcomeCodes`, and the number of attempts. */
export interface BaselineDecision {
  readonly outcome: number
  readonly attempts: number
}

/** Decides one request on a connection and makes the decision durable. A repeated id is answered with its decision. */
export type Method = (client: PoolClient, request: BaselineRequest) => Promise<BaselineDecision>

/** A prepared statement, known to a connection by its name. */
export const prepared =
  (name: string, text: string) =>
  <Row extends object>(client: PoolClient, values: unknown[]): Promise<QueryResult<Row & Record<string, unknown>>> =>
    client.query({ name, text, values })

/** The decision from the data that was read: first the user's limit, then the stock, as in core/domain/sku-allocation.ts. */
export function outcomeOf({ holds, available }: { readonly holds: boolean; readonly available: number }): number {
  if (holds) return outcomeCodes["user-limit-reached"]
  return available > 0 ? outcomeCodes.reserved : outcomeCodes["sold-out"]
}

/** The unique index that refused a row; undefined for any other error. */
export function violatedIndex(error: unknown): string | undefined {
  const { code, constraint } = error as { code?: string; constraint?: string }
  return code === "23505" ? constraint : undefined
}

/** Writes a refusal; nothing else changes. */
export const insertRefusal = prepared(
  "insert-refusal",
  "INSERT INTO reservations (sku_no, outcome, quantity, id, user_id) VALUES ($1, $2, 1, $3, $4)",
)

/** The decision of a request that was made before. */
export const readDecision = prepared("read-decision", "SELECT outcome FROM reservations WHERE id = $1")
