import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import type { AnySaleEvent } from "../../contracts/events.ts"
import { type Accepted, type Entry, ledgerEvents, type Moved } from "./ledger-events.ts"
import { integer, textArray, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import relayAcceptedText from "./statements/relay-accepted.sql"
import relayAdvanceText from "./statements/relay-advance.sql"
import relayClaimText from "./statements/relay-claim.sql"
import relayEntriesText from "./statements/relay-entries.sql"
import relayMovedText from "./statements/relay-moved.sql"
import relayPickText from "./statements/relay-pick.sql"
import relayReleaseText from "./statements/relay-release.sql"
import relayRenewText from "./statements/relay-renew.sql"

const relayPick = statement(relayPickText, {})
const relayClaim = statement(relayClaimText, { sku_no: integer, claim: uuid, lease_ms: integer })
const relayRenew = statement(relayRenewText, { sku_no: integer, claim: uuid, lease_ms: integer })
const relayAdvance = statement(relayAdvanceText, { sku_no: integer, claim: uuid, from_seq: integer, to_seq: integer })
const relayRelease = statement(relayReleaseText, { sku_no: integer, claim: uuid })
const relayEntries = statement(relayEntriesText, {
  sku_no: integer,
  published_seq: integer,
  max_entries: integer,
  max_events: integer,
})
const relayAccepted = statement(relayAcceptedText, { sku_no: integer, first_seq: integer, last_seq: integer })
const relayMoved = statement(relayMovedText, { ids: textArray })

/** Ledger entries read at once at most. */
const maxEntries = 200

/** Events of one SKU, in ledger order, and their partition. */
export interface EventBatch {
  readonly skuId: string
  readonly partition: number
  readonly events: readonly AnySaleEvent[]
}

/** The next entries of a SKU's ledger. */
export interface Chunk extends EventBatch {
  readonly entries: number
  readonly lastSeq: number
}

/** The right to publish a SKU's ledger, for a bounded time. PostgreSQL holds it; no transaction is open. */
export interface Turn {
  readonly skuNo: number
  readonly publishedSeq: number
  /** Extends the lease to its full length from now. @returns false when another relay has the turn */
  renew(): Promise<boolean>
  /** Milliseconds until another relay may take the turn, at the earliest. */
  leaseLeftMs(): number
  /** The next entries, whole, of `maxEvents` events if not one entry alone holds more; undefined when nothing is left. */
  read(publishedSeq: number, maxEvents: number): Promise<Chunk | undefined>
  /** Records what was published. @returns false when another relay has the turn: nothing was recorded */
  advance(fromSeq: number, toSeq: number): Promise<boolean>
  /** Ends the turn; does nothing once another relay has it. */
  release(): Promise<void>
}

/** SKUs with unpublished entries whose turn is free, the longest unpublished first. @throws PostgreSQL's errors */
export async function unpublishedSkus(pool: Pool): Promise<{ skuNo: number; partition: number }[]> {
  const { rows } = await pool.query<{ sku_no: number; partition: number }>(relayPick({}))
  return rows.map(({ sku_no, partition }) => ({ skuNo: sku_no, partition }))
}

/**
 * Takes the turn of a SKU. Each of its calls is one statement that commits by itself. The ledger is the outbox: events that were
 * published but not recorded as published are published again, with the same event ids.
 *
 * @returns undefined while another relay has the turn
 * @throws PostgreSQL's errors, as each call of the turn
 */
export async function takeTurn(pool: Pool, skuNo: number, leaseMs: number): Promise<Turn | undefined> {
  const claim = randomUUID()
  // Measured from before the statement: the lease ends here before it ends in PostgreSQL.
  let leaseEndsAtMs = performance.now() + leaseMs
  const { rows } = await pool.query<{ published_seq: number }>(relayClaim({ sku_no: skuNo, claim, lease_ms: leaseMs }))
  const [taken] = rows
  if (taken === undefined) return undefined
  return {
    skuNo,
    publishedSeq: taken.published_seq,
    leaseLeftMs: () => leaseEndsAtMs - performance.now(),
    async renew() {
      const endsAtMs = performance.now() + leaseMs
      const { rowCount } = await pool.query(relayRenew({ sku_no: skuNo, claim, lease_ms: leaseMs }))
      if (rowCount === 1) leaseEndsAtMs = endsAtMs
      return rowCount === 1
    },
    read: (publishedSeq, maxEvents) => readChunk(pool, skuNo, publishedSeq, maxEvents),
    async advance(fromSeq, toSeq) {
      const { rowCount } = await pool.query(relayAdvance({ sku_no: skuNo, claim, from_seq: fromSeq, to_seq: toSeq }))
      return rowCount === 1
    },
    async release() {
      await pool.query(relayRelease({ sku_no: skuNo, claim }))
    },
  }
}

async function readChunk(pool: Pool, skuNo: number, publishedSeq: number, maxEvents: number): Promise<Chunk | undefined> {
  const { rows: entries } = await pool.query<Entry>(
    relayEntries({ sku_no: skuNo, published_seq: publishedSeq, max_entries: maxEntries, max_events: maxEvents }),
  )
  const [first] = entries
  const last = entries.at(-1)
  if (first === undefined || last === undefined) return undefined
  const ids = entries.flatMap(({ moved }) => moved)
  const { rows: accepted } = entries.some(({ kind }) => kind === "decided")
    ? await pool.query<Accepted>(relayAccepted({ sku_no: skuNo, first_seq: first.seq, last_seq: last.seq }))
    : { rows: [] }
  const { rows: moved } = ids.length > 0 ? await pool.query<Moved>(relayMoved({ ids })) : { rows: [] }
  const events = ledgerEvents(skuNo, entries, accepted, moved)
  return { skuId: last.sku_id, partition: last.partition, events, entries: entries.length, lastSeq: last.seq }
}
