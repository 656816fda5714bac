import { Pool, type PoolConfig } from "pg"
import type { DatabaseRole, LocalRole } from "../../contracts/environment.ts"

/** Limits of every connection: a server that hangs must not delay a request for longer. */
export const connectTimeoutMs = 2_000
const statementTimeoutMs = 10_000
const lockTimeoutMs = 5_000
/**
 * The locks of a frozen writer are released after this, so that another writer can work. A transaction idles for milliseconds
 * only.
 */
const idleInTransactionTimeoutMs = 4_000

export interface PoolOptions {
  readonly role: DatabaseRole | LocalRole
  /** Connections at most. */
  readonly size: number
  /** Sends statements without waiting for earlier answers (a batch is two round trips). */
  readonly pipeline?: boolean
  /** The client gives up a statement after this time and closes the connection. */
  readonly queryTimeoutMs?: number
}

/**
 * Roles whose plans must not depend on statistics: PostgreSQL plans when the tables are empty, and the plans must still be right
 * with a million rows (ADR 0003).
 */
const fixedPlans: ReadonlySet<string> = new Set(["transition", "checkout"])

/** The settings of a role's sessions, `name=value`: set when a session starts, and on AWS also for the role's login. */
export const sessionSettings = (role: DatabaseRole | LocalRole): readonly string[] => [
  `role=flash_${role}`,
  `statement_timeout=${statementTimeoutMs}`,
  `lock_timeout=${lockTimeoutMs}`,
  `idle_in_transaction_session_timeout=${idleInTransactionTimeoutMs}`,
  ...(fixedPlans.has(role) ? ["enable_seqscan=off", "plan_cache_mode=force_generic_plan"] : []),
]

/** A bounded pool whose connections act as `role`. @param login how its connections log in, and where */
export function createPool(login: PoolConfig, options: PoolOptions): Pool {
  const pool = new Pool({
    ...login,
    application_name: `flash-sale ${options.role}`,
    max: options.size,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: options.queryTimeoutMs ?? statementTimeoutMs + connectTimeoutMs,
    options: sessionSettings(options.role)
      .map((setting) => `-c ${setting}`)
      .join(" "),
    pipeline: options.pipeline ?? false,
  })
  // The next use replaces an idle connection that was lost; without a listener its error would end the process.
  pool.on("error", () => {})
  // A connection that is lost while in use fails its next statement; without a listener this error would end the process, too.
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}
