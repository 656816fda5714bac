import type { Pool } from "pg"
import { integer } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import deleteOldCommandsText from "./statements/delete-old-commands.sql"

const deletion = statement(deleteOldCommandsText, { days: integer, limit: integer })

/** How long a batch call and a command with an idempotency key are kept after their last use. No client retries for so long. */
export const commandMemoryDays = 7
/** Rows of each kind deleted in one statement; more wait for the next. */
const maxDeletedAtOnce = 10_000

/** Deletes commands that are older. @returns how many rows it deleted @throws PostgreSQL's errors */
export async function deleteOldCommands(pool: Pool, most = maxDeletedAtOnce): Promise<number> {
  const { rows } = await pool.query<{ deleted: number }>(deletion({ days: commandMemoryDays, limit: most }))
  return rows[0]?.deleted ?? 0
}
