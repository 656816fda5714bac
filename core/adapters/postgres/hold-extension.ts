import type { Pool } from "pg"
import type { KeyedCommand } from "../../domain/keyed-command.ts"
import { bytes, integer, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import extendOnceText from "./statements/extend-once.sql"
import recordHeartbeatText from "./statements/record-heartbeat.sql"

const extendHoldsOnce = statement(extendOnceText, { sku_no: integer, seconds: integer, command_id: uuid, command_hash: bytes })
const heartbeat = statement(recordHeartbeatText, {})

/**
 * Records that the server runs: the time without a record is the length of an outage.
 * @returns the SKUs whose holds must be extended for an outage; any transition of such a SKU does it
 * @throws PostgreSQL's errors
 */
export async function recordHeartbeat(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ sku_no: number }>(heartbeat({}))
  return rows.map(({ sku_no }) => sku_no)
}

/** The result of an extension by an operator. */
export interface HandExtension {
  /** False when the key stands for another command; then nothing was done. */
  readonly isSame: boolean
  /** How many holds the command extended, now or when its key was first used. */
  readonly holdsExtended: number
  /** Reservations whose end may differ from what shoppers see. */
  readonly holds: readonly string[]
}

/** Extends the holds of a SKU that have not ended, once for each command. @throws PostgreSQL's errors */
export async function extendOnce(pool: Pool, skuNo: number, seconds: number, { id, hash }: KeyedCommand): Promise<HandExtension> {
  const { rows } = await pool.query<{ is_same: boolean; holds_extended: number | null; holds: string[] }>(
    extendHoldsOnce({ sku_no: skuNo, seconds, command_id: id, command_hash: hash }),
  )
  const [row] = rows
  return { isSame: row?.is_same ?? false, holdsExtended: row?.holds_extended ?? 0, holds: row?.holds ?? [] }
}
