import type { Pool, QueryResult } from "pg"
import { type Allocation, decide as decideSale, type SaleCommand } from "../../domain/decide.ts"
import { record } from "../telemetry.ts"
import { watchCall } from "../watched-call.ts"
import { type ChosenSize, chosenBatchRecordsOf, sendBatch } from "./batch-write.ts"
import { sendDirect } from "./direct-write.ts"
import { openFreshConnection } from "./fresh-connection.ts"
import type { Row } from "./rows.ts"
import { type Loaded, readLoad, type Scope, sendLoad } from "./sale-load.ts"
import { sendChanges } from "./sale-write.ts"
import { prepareStatements, type Send, sender, type TransitionStatements } from "./statements.ts"

/** A record that cannot be decided, for the quarantine table. */
export interface QuarantinedRecord {
  readonly offset: number
  readonly sha256: Buffer
  readonly reason: string
  readonly raw: Buffer
}

/** What a transaction does once the state is loaded. */
export interface Plan {
  readonly command: SaleCommand
  readonly quarantine?: readonly QuarantinedRecord[]
  /** The watermark after this transaction; only with a scope that locks it. */
  readonly nextOffset?: number
  /**
   * For a request that did not go through Kafka: the epoch in which its sale was in direct mode. In another epoch nothing
   * commits.
   */
  readonly directEpoch?: number
  /** Sends every statement and rolls back: this shows whether PostgreSQL accepts them, and changes nothing. */
  readonly isRehearsal?: boolean
}

/** A committed transaction. */
export interface Committed extends ChosenSize {
  readonly allocation: Allocation
  readonly loaded: Loaded
}

/** Points between the steps of a transaction at which a test may end a process or make it wait. */
export type Failpoint = "loaded" | "before-commit" | "committed"

export interface TransactorOptions {
  readonly pool: Pool
  readonly decide?: typeof decideSale
  readonly statements?: TransitionStatements
  readonly reach?: (point: Failpoint) => Promise<void> | void
}

/** The connection of a transaction: any of the pool, or one that is opened for it. */
export type ConnectionChoice = "pooled" | "fresh"

/** Runs one transaction: lock and load, decide, write and commit. */
export type Transact = (scope: Scope, plan: (loaded: Loaded) => Plan, connection?: ConnectionChoice) => Promise<Committed>

/** Checks what COMMIT would check, and commits nothing. */
const rehearsalEnd = ["SET CONSTRAINTS ALL IMMEDIATE", "ROLLBACK"]

/**
 * The one way in which stock moves: two round trips under the locks of the sales concerned. The first flush takes the locks and
 * loads, TypeScript decides, the second flush writes and commits. The pool must pipeline. A failed statement aborts the
 * statements that are pipelined behind it, so that COMMIT after a failure commits nothing.
 *
 * Errors are PostgreSQL's own, with its SQLSTATE; see transaction-errors.ts for what each means.
 */
export function createTransactor(options: TransactorOptions): Transact {
  const { pool, decide = decideSale, statements, reach = () => {} } = options
  const prepared = prepareStatements(statements)
  return async (scope, plan, connection = "pooled") => {
    const client = await (connection === "fresh" ? openFreshConnection(pool) : pool.connect())
    let broken = true
    const startedMs = performance.now()
    const watch = watchCall("database")
    try {
      const send = sender(client, prepared)
      const begun = client.query<Row>("BEGIN")
      const sent = sendLoad(send, scope)
      // The loads behind it are no waiting. The flush reports a failure.
      const lockedMs = sent.lockInventory?.then(
        () => performance.now() - startedMs,
        () => 0,
      )
      await flush([begun, ...Object.values(sent)])
      const loaded = await readLoad(sent, scope)
      if (lockedMs !== undefined) record("database.lock.wait", await lockedMs)
      await reach("loaded")
      const { command, quarantine = [], nextOffset, directEpoch, isRehearsal = false } = plan(loaded)
      const allocation = decide(command, loaded.state, loaded.now)
      await reach("before-commit")
      const changes = [
        ...sendChanges(send, allocation, loaded.now),
        ...sendQuarantine(send, scope, quarantine),
        ...sendKeyed(send, scope, loaded, allocation),
      ]
      const batch = nextOffset === undefined ? [] : [sendBatch(send, scope, nextOffset, allocation, loaded, "loaded")]
      await flush([
        ...changes,
        ...batch,
        ...(directEpoch === undefined ? [] : sendDirect(send, directEpoch, allocation, loaded.now)),
        ...(isRehearsal ? rehearsalEnd : ["COMMIT"]).map((statement) => client.query<Row>(statement)),
      ])
      broken = false
      record("database.latency", performance.now() - startedMs)
      await reach("committed")
      return { allocation, loaded, ...(batch[0] && chosenBatchRecordsOf(await batch[0])) }
    } finally {
      watch.ended()
      // After a failure the connection is closed: it may have statements in flight, or lead to a server that was demoted.
      client.release(broken)
    }
  }
}

function sendQuarantine(send: Send, { watermark }: Scope, quarantine: readonly QuarantinedRecord[]) {
  if (watermark === undefined) return []
  const { topic, partition } = watermark
  return quarantine.map((record) => send("quarantine", { topic, partition, ...record }))
}

/** A command that took effect is recorded with its key in the same transaction. A refused one may be sent again. */
function sendKeyed(send: Send, { keyed }: Scope, { earlierUse }: Loaded, { refused }: Allocation) {
  return keyed && !earlierUse && !refused ? [send("recordCommand", { command_id: keyed.id, command_hash: keyed.hash })] : []
}

/** Waits for all answers of a flush. @throws the first failure: the ones after it only say that the transaction is aborted */
async function flush(sent: readonly Promise<QueryResult<Row>>[]): Promise<void> {
  const failed = (await Promise.allSettled(sent)).find(({ status }) => status === "rejected")
  if (failed?.status === "rejected") throw failed.reason
}
