import { Pool, type PoolConfig } from "pg"
import type { DatabaseRole } from "../../contracts/environment.ts"

/** Bounds of every connection; a hung server must not hold a request for longer. */
export const connectTimeoutMs = 2_000
const statementTimeoutMs = 10_000
const lockTimeoutMs = 5_000
/** A frozen writer's locks are freed after this, so that another can go on; a transaction idles for milliseconds only. */
const idleInTransactionTimeoutMs = 4_000

export interface PoolOptions {
  readonly role: DatabaseRole
  /** Connections at most. */
  readonly size: number
  /** Sends statements without waiting for the answers of those before (a batch is two round trips). */
  readonly pipeline?: boolean
  /** The client gives a statement up after this; it destroys the connection. */
  readonly queryTimeoutMs?: number
}

/**
 * Roles whose plans must not depend on statistics: they are made when the tables are empty and must still be right when they hold a
 * million rows (ADR 0003).
 */
const fixedPlans: ReadonlySet<DatabaseRole> = new Set(["transition", "checkout"])

/** What a session of a role is set to, `name=value`: at its start, and on AWS for the role's login as such. */
export const sessionSettings = (role: DatabaseRole): readonly string[] => [
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
  // An idle connection that dies is replaced at the next use; without a listener its error would end the process.
  pool.on("error", () => {})
  // One that dies while it is taken reports so itself: its next statement fails. Unheard, that event would end the process, too.
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}
