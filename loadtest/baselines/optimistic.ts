import { outcomeCodes } from "../../core/domain/reservation.ts"
import { insertRefusal, type Method, outcomeOf, prepared, violatedIndex } from "./method.ts"

interface Seen {
  readonly version: string
  readonly available: number
  readonly decided: number | null
  readonly holds: boolean
}

const read = prepared(
  "optimistic-read",
  `SELECT version, total_stock - reserved_count AS available, (SELECT outcome FROM reservations WHERE id = $1) AS decided,
          EXISTS (SELECT FROM reservations WHERE sku_no = $2 AND user_id = $3 AND outcome = 1) AS holds
     FROM inventory WHERE sku_no = $2`,
)

const reserve = prepared(
  "optimistic-reserve",
  `WITH taken AS (
     UPDATE inventory SET reserved_count = reserved_count + 1, version = version + 1 WHERE sku_no = $1 AND version = $4 RETURNING sku_no
   )
   INSERT INTO reservations (expires_at, sku_no, outcome, quantity, id, user_id)
   SELECT clock_timestamp() + interval '1 hour', sku_no, 1, 1, $2::uuid, $3::uuid FROM taken`,
)

/** Optimistic: read, decide, write if the version is still the same, otherwise again at once. Two round trips a try. */
export const optimistic: Method = async (client, { id, userId, skuNo }) => {
  for (let attempts = 1; ; attempts += 1) {
    const { rows } = await read<Seen>(client, [id, skuNo, userId])
    const [seen] = rows
    if (seen === undefined) throw new Error(`There is no SKU ${skuNo}`)
    if (seen.decided !== null) return { outcome: seen.decided, attempts }
    const outcome = outcomeOf(seen)
    try {
      if (outcome !== outcomeCodes.reserved) {
        await insertRefusal(client, [skuNo, outcome, id, userId])
        return { outcome, attempts }
      }
      const { rowCount } = await reserve(client, [skuNo, id, userId, seen.version])
      if (rowCount === 1) return { outcome, attempts }
    } catch (error) {
      // Another connection decided the same request meanwhile: the next read finds the decision.
      if (violatedIndex(error) === undefined) throw error
    }
  }
}
