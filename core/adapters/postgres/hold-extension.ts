import type { Pool } from "pg"
import extendByHandStatement from "./statements/extend-by-hand.sql"
import signOfLifeStatement from "./statements/sign-of-life.sql"

/**
 * Notes that the server lives: what it does not note is the length of an outage.
 * @returns the SKUs whose holds are to be extended for one; any transition of theirs does it
 * @throws PostgreSQL's errors
 */
export async function signOfLife(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ sku_no: number }>(signOfLifeStatement)
  return rows.map(({ sku_no }) => sku_no)
}

/** Gives the living holds of a SKU more time. @returns their reservations @throws PostgreSQL's errors */
export async function extendByHand(pool: Pool, skuNo: number, seconds: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(extendByHandStatement, [skuNo, seconds])
  return rows.map(({ id }) => id)
}
