import * as z from "zod"
import { change, read } from "./command.ts"

const ms = z.number().min(0)
const pid = z.int().min(1)

const Session = z.strictObject({
  pid,
  /** The name that the program gave: of our pools the role. */
  client: z.string().nullable(),
  address: z.string().nullable(),
  /** PostgreSQL's word: active, idle, idle in transaction, ... */
  state: z.string().nullable(),
  /** PostgreSQL's type and name of what it waits for, such as `Lock:transactionid`. */
  waits_for: z.string().nullable(),
  /** The sessions whose locks it waits for. */
  blocked_by: z.array(pid),
  /** Null outside a transaction. */
  transaction_ms: ms.nullable(),
  state_ms: ms.nullable(),
  /** The newest statement, without texts in quotation marks. */
  query: z.string().nullable(),
})
export type Session = z.output<typeof Session>

/** What the functions of the database say; the view's other parts are read by the reader. */
export const SessionsAndStatements = z.strictObject({
  sessions: z.array(Session),
  /** Those with the most time in all; null where the server does not count statements. */
  statements: z
    .array(z.strictObject({ query: z.string(), calls: z.int(), total_ms: ms, mean_ms: ms, max_ms: ms, rows: z.int() }))
    .nullable(),
  /** Replicas, and slots that keep the log for one. */
  copies: z.array(
    z.strictObject({
      name: z.string(),
      state: z.string(),
      behind_bytes: z.number().nullable(),
      behind_ms: z.number().nullable(),
    }),
  ),
})

/** What PostgreSQL does now. */
export const DatabaseReport = SessionsAndStatements.extend({
  max_connections: z.int(),
  database_bytes: z.int(),
  /** The largest tables. */
  tables: z.array(
    z.strictObject({
      table: z.string(),
      bytes: z.int(),
      rows: z.int(),
      dead_rows: z.int(),
      vacuumed_at: z.iso.datetime({ offset: true }).nullable(),
    }),
  ),
})
export type DatabaseReport = z.output<typeof DatabaseReport>

/** CHECK constraints in which the database and this version differ. */
export const ConstraintsReport = z.strictObject({
  differing: z.array(
    z.strictObject({
      table: z.string(),
      name: z.string(),
      state: z.enum(["missing", "unknown", "changed"]),
      definition: z.string(),
    }),
  ),
  /** Those that the command added. */
  restored: z.array(z.string()),
})
export type ConstraintsReport = z.output<typeof ConstraintsReport>

export const SessionEnded = z.strictObject({ pid, ended: z.enum(["statement", "session"]) })

/** PostgreSQL, for the on-call. */
export const databaseCommands = {
  db: read({}, DatabaseReport),
  /** Ends the statement of a session, or the whole session. */
  "db-end": change({ pid, whole_session: z.boolean().default(false) }, SessionEnded),
  "db-constraints": read({}, ConstraintsReport),
  "db-constraints-restore": change({}, ConstraintsReport),
}
