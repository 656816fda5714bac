import type { PoolClient } from "pg"
import { outcomeCodes } from "../../core/domain/reservation.ts"
import { type BaselineRequest, insertRefusal, type Method, prepared, readDecision, violatedIndex } from "./method.ts"

const decide = prepared(
  "conditional-decide",
  `WITH taken AS (
     UPDATE inventory SET reserved_count = reserved_count + 1 WHERE sku_no = $1 AND reserved_count < total_stock RETURNING 1
   )
   INSERT INTO reservations (expires_at, sku_no, outcome, quantity, id, user_id)
   SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN clock_timestamp() + interval '1 hour' END, $1,
          CASE WHEN EXISTS (SELECT FROM taken) THEN 1 ELSE 11 END, 1, $2, $3
   RETURNING outcome`,
)

/**
 * One conditional statement, one round trip: takes a unit if there is one, and writes the decision. The indexes refuse a second
 * unit of a user and a repeated id; the whole statement fails then, and the unit stays. Only these cases need a second statement.
 */
export const conditional: Method = async (client, request) => {
  const { id, userId, skuNo } = request
  try {
    const { rows } = await decide<{ outcome: number }>(client, [skuNo, id, userId])
    return { outcome: rows[0]?.outcome ?? 0, attempts: 1 }
  } catch (error) {
    const index = violatedIndex(error)
    if (index === undefined) throw error
    return { outcome: index === "one_unit_a_user" ? await refuse(client, request) : await decided(client, request), attempts: 1 }
  }
}

async function refuse(client: PoolClient, request: BaselineRequest): Promise<number> {
  const outcome = outcomeCodes["user-limit-reached"]
  try {
    await insertRefusal(client, [request.skuNo, outcome, request.id, request.userId])
    return outcome
  } catch (error) {
    if (violatedIndex(error) === undefined) throw error
    return decided(client, request)
  }
}

async function decided(client: PoolClient, { id }: BaselineRequest): Promise<number> {
  const { rows } = await readDecision<{ outcome: number }>(client, [id])
  return rows[0]?.outcome ?? 0
}
