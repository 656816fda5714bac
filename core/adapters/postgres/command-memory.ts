import type { Pool } from "pg"
import forgetCommandsStatement from "./statements/forget-commands.sql"

/** How long a batch call and a command with an idempotency key are remembered after they were last asked for. No client retries for so long. */
export const commandMemoryDays = 7
/** Rows of each kind deleted in one statement; more wait for the next. */
const maxForgottenAtOnce = 10_000

/** Deletes what is not remembered any more. @returns how many rows are gone @throws PostgreSQL's errors */
export async function forgetCommands(pool: Pool, most = maxForgottenAtOnce): Promise<number> {
  const { rows } = await pool.query<{ forgotten: number }>(forgetCommandsStatement, [commandMemoryDays, most])
  return rows[0]?.forgotten ?? 0
}
