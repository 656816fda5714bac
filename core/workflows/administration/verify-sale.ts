import type { Pool } from "pg"
import { checkInvariants, checkTimeoutMs } from "../../adapters/postgres/invariants.ts"
import { decisionGroups, type LedgerRow, ledgerRows } from "../../adapters/postgres/ledger-stream.ts"
import type { SaleVerification } from "../../contracts/operations/verification.ts"
import { digestOf } from "../../domain/ledger.ts"
import type { Reservation } from "../../domain/reservation.ts"

/** The progress of long work: its present step, and how much it has read, by name. */
export type Progress = (stage: string, read: Readonly<Record<string, number>>) => void

interface VerifyOptions {
  readonly progress?: Progress
  /** Ends the verification and frees its connection. */
  readonly signal?: AbortSignal
}

type Note = (violation: string) => void

/** Violations that are reported at most; the first ones show what is wrong. */
const maxViolations = 100
/** Ledger entries and decisions read from one report of progress to the next. */
const progressEveryRows = 100_000

/**
 * Proves from the ledger that no unit was ever oversold: walks the hash chain, recomputes every digest from the decisions
 * themselves, checks the balances after every entry, and then every invariant of the tables. Streams in one snapshot: its memory
 * does not grow with the sale.
 *
 * @param pool connections of the reader role whose client waits as long as `checkTimeoutMs`
 * @throws PostgreSQL's errors, and the signal's reason
 */
export async function verifySale(pool: Pool, options: VerifyOptions = {}): Promise<SaleVerification> {
  const violations: string[] = []
  const note: Note = (violation) => {
    if (violations.length < maxViolations) violations.push(violation)
  }
  const walk = await walkLedger(pool, note, options)
  options.progress?.("checking the invariants", { entries: walk.entries, decisions: walk.decisions })
  const { checks } = await checkInvariants(pool)
  for (const { name, violations: found } of checks) for (const violation of found) note(`${name}: ${violation}`)
  return { ok: violations.length === 0, ...walk, violations }
}

async function walkLedger(pool: Pool, note: Note, { progress, signal }: VerifyOptions) {
  const client = await pool.connect()
  const fullestBySku: Record<number, number> = {}
  let [entries, decisions, nextReport] = [0, 0, progressEveryRows]
  let broken = true
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await client.query(`SET LOCAL statement_timeout = ${checkTimeoutMs}`)
    const groups = decisionGroups(client)
    let before: LedgerRow | undefined
    for await (const entry of ledgerRows(client)) {
      signal?.throwIfAborted()
      checkEntry(entry, before?.skuNo === entry.skuNo ? before : undefined, note)
      fullestBySku[entry.skuNo] = Math.max(fullestBySku[entry.skuNo] ?? 0, fullness(entry))
      if (entry.kind === "decided") decisions += checkDecisions(entry, (await groups.next()).value ?? undefined, note)
      before = entry
      entries += 1
      if (entries + decisions >= nextReport) {
        nextReport += progressEveryRows
        progress?.("walking the ledger", { entries, decisions })
      }
    }
    const orphan = (await groups.next()).value
    if (orphan) note(`SKU ${orphan.skuNo} seq ${orphan.seq}: decisions without a ledger entry`)
    await client.query("COMMIT")
    broken = false
    return { entries, decisions, fullestBySku }
  } finally {
    client.release(broken)
  }
}

function checkEntry(entry: LedgerRow, before: LedgerRow | undefined, note: Note): void {
  const name = `SKU ${entry.skuNo} seq ${entry.seq}`
  if (entry.seq !== (before?.seq ?? 0) + 1) note(`${name}: the ledger has a gap`)
  if (!entry.prevHash.equals(before?.hash ?? Buffer.alloc(0))) note(`${name}: does not follow from the entry before it`)
  if (!entry.chained) note(`${name}: was changed after it was written`)
  if (entry.reserved < 0 || entry.sold < 0 || entry.reserved + entry.sold > entry.total) {
    note(`${name}: OVERSOLD, ${entry.reserved} reserved and ${entry.sold} sold of ${entry.total}`)
  }
}

function checkDecisions(
  entry: LedgerRow,
  group: { skuNo: number; seq: number; decisions: Reservation[] } | undefined,
  note: Note,
): number {
  const found = group?.skuNo === entry.skuNo && group.seq === entry.seq ? group.decisions : []
  if (!entry.digest?.equals(digestOf(found)))
    note(`SKU ${entry.skuNo} seq ${entry.seq}: its decisions are not those the ledger covers`)
  return found.length
}

/** When the stock is 0, the result is the number of units taken. */
const fullness = ({ total, reserved, sold }: LedgerRow): number => (reserved + sold) / Math.max(1, total)
