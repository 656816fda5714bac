import type { Pool } from "pg"
import type { KeyedCommand } from "../../domain/keyed-command.ts"
import extendOnceStatement from "./statements/extend-once.sql"
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

/** What an extension by hand came to. */
export interface HandExtension {
  /** False when the key stands for another command; then nothing was done. */
  readonly isSame: boolean
  /** How many holds the command made longer, now or when its key was first used. */
  readonly holdsExtended: number
  /** Reservations whose end may be another one than shoppers see. */
  readonly holds: readonly string[]
}

/** Gives the living holds of a SKU more time, once for each command. @throws PostgreSQL's errors */
export async function extendOnce(pool: Pool, skuNo: number, seconds: number, { id, hash }: KeyedCommand): Promise<HandExtension> {
  const { rows } = await pool.query<{ is_same: boolean; holds_extended: number | null; holds: string[] }>(extendOnceStatement, [
    skuNo,
    seconds,
    id,
    hash,
  ])
  const [row] = rows
  return { isSame: row?.is_same ?? false, holdsExtended: row?.holds_extended ?? 0, holds: row?.holds ?? [] }
}
