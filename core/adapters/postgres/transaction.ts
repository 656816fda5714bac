import type { Pool, PoolClient, QueryResult } from "pg"
import { type Allocation, decide as decideSale, type SaleCommand } from "../../domain/decide.ts"
import { record } from "../telemetry.ts"
import { sendBatch } from "./batch-write.ts"
import { sendDirect } from "./direct-write.ts"
import { connectAfresh } from "./fresh-connection.ts"
import { type Loaded, type Row, readLoad, type Scope, type Send, sendLoad } from "./sale-load.ts"
import { sendChanges } from "./sale-write.ts"
import { type TransitionStatements, transitionStatements } from "./statements.ts"

/** A record kept beside the line. */
export interface QuarantinedRecord {
  readonly offset: number
  readonly sha256: Buffer
  readonly reason: string
  readonly raw: Buffer
}

/** What a transaction is to do, once the state is known. */
export interface Plan {
  readonly command: SaleCommand
  readonly quarantine?: readonly QuarantinedRecord[]
  /** The watermark after this transaction; only with a scope that locks it. */
  readonly nextOffset?: number
  /** For a request that did not stand in line: the epoch in which its sale was seen in direct mode. In any other nothing commits. */
  readonly directEpoch?: number
  /** Sends every statement and rolls back: it tells whether PostgreSQL takes them, and leaves nothing. */
  readonly isRehearsal?: boolean
}

/** A committed transaction. */
export interface Committed {
  readonly allocation: Allocation
  readonly loaded: Loaded
}

/** Points between the steps of a transaction where a test may make a process die or wait. */
export type Failpoint = "loaded" | "before-commit" | "committed"

export interface TransactorOptions {
  readonly pool: Pool
  readonly decide?: typeof decideSale
  readonly statements?: TransitionStatements
  readonly reach?: (point: Failpoint) => Promise<void> | void
}

/** Which connection a transaction runs on: any of the pool, or one that was opened for it. */
export type ConnectionChoice = "pooled" | "fresh"

/** Runs one transaction: lock and load, decide, write and commit. */
export type Transact = (scope: Scope, plan: (loaded: Loaded) => Plan, connection?: ConnectionChoice) => Promise<Committed>

/** What COMMIT would check is checked before nothing is committed. */
const rehearsalEnd = ["SET CONSTRAINTS ALL IMMEDIATE", "ROLLBACK"]

/**
 * The one way in which stock moves: two round trips under the locks of the sales concerned. The first flush takes the locks and loads,
 * TypeScript decides, the second flush writes and commits. The pool must pipeline; a failed statement aborts what is pipelined behind it,
 * so that COMMIT after a failure commits nothing.
 *
 * Errors are PostgreSQL's own, with its SQLSTATE; see transaction-errors.ts for what each means.
 */
export function createTransactor(options: TransactorOptions): Transact {
  const { pool, decide = decideSale, statements = transitionStatements, reach = () => {} } = options
  return async (scope, plan, connection = "pooled") => {
    const client = await (connection === "fresh" ? connectAfresh(pool) : pool.connect())
    let broken = true
    const startedMs = performance.now()
    try {
      const send = sender(client, statements)
      const results = await flush([client.query<Row>("BEGIN"), ...sendLoad(send, scope)])
      const loaded = readLoad(results.slice(1), scope)
      record("database.lock.wait", performance.now() - startedMs)
      await reach("loaded")
      const { command, quarantine = [], nextOffset, directEpoch, isRehearsal = false } = plan(loaded)
      const allocation = decide(command, loaded.state, loaded.now)
      await reach("before-commit")
      await flush([
        ...sendChanges(send, allocation, loaded.now),
        ...sendQuarantine(send, scope, quarantine),
        ...sendKeyed(send, scope, loaded, allocation),
        ...(nextOffset === undefined ? [] : [sendBatch(send, scope, nextOffset, allocation, loaded, "loaded")]),
        ...(directEpoch === undefined ? [] : sendDirect(send, directEpoch, allocation, loaded.now)),
        ...(isRehearsal ? rehearsalEnd : ["COMMIT"]).map((statement) => client.query<Row>(statement)),
      ])
      broken = false
      record("database.latency", performance.now() - startedMs)
      await reach("committed")
      return { allocation, loaded }
    } finally {
      // After a failure the connection goes: what it still has in flight, and what it has prepared, is not worth knowing.
      client.release(broken)
    }
  }
}

function sendQuarantine(send: Send, { watermark }: Scope, quarantine: readonly QuarantinedRecord[]) {
  if (watermark === undefined) return []
  const { topic, partition } = watermark
  return quarantine.map(({ offset, sha256, reason, raw }) => send("quarantine", [topic, partition, offset, sha256, reason, raw]))
}

/** A command that was carried out is remembered by its key, in the same transaction; one that was refused may be asked for again. */
function sendKeyed(send: Send, { keyed }: Scope, { earlierUse }: Loaded, { refused }: Allocation) {
  return keyed && !earlierUse && !refused ? [send("noteCommand", [keyed.id, keyed.hash])] : []
}

/** Every statement is prepared once per connection under its own name. */
export const sender =
  (client: PoolClient, statements: TransitionStatements): Send =>
  (name, values) =>
    client.query<Row>({ name, text: statements[name], values: [...values] })

/** Waits for all answers of a flush; @throws the first failure, for those behind it only say that the transaction is aborted. */
async function flush(sent: readonly Promise<QueryResult<Row>>[]): Promise<QueryResult<Row>[]> {
  const settled = await Promise.allSettled(sent)
  return settled.map((result) => {
    if (result.status === "rejected") throw result.reason
    return result.value
  })
}
