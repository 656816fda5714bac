import type { Pool } from "pg"
import { checkInvariants, checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { digestOf } from "../../core/domain/ledger.ts"
import type { Reservation } from "../../core/domain/reservation.ts"
import { decisionGroups, type LedgerRow, ledgerRows } from "./ledger-stream.ts"

/** What a verification found. */
export interface SaleVerification {
  readonly ok: boolean
  readonly entries: number
  readonly decisions: number
  /** The largest share of the stock that was ever held or sold, by SKU number: never above 1. */
  readonly fullestBySku: ReadonlyMap<number, number>
  readonly violations: readonly string[]
}

/** Reported at most; the first ones tell what is wrong. */
const maxViolations = 100
const progressEvery = 10_000

/**
 * Proves from the ledger that no unit was ever oversold: walks the hash chain, recomputes every digest from the decisions themselves,
 * checks the balances after every entry, and then every invariant of the tables. Streams in one snapshot: its memory does not grow
 * with the sale.
 *
 * @param pool connections of the reader role whose client waits as long as `checkTimeoutMs`
 * @throws PostgreSQL's errors
 */
export async function verifySale(pool: Pool, progress: (entries: number) => void = () => {}): Promise<SaleVerification> {
  const violations: string[] = []
  const note = (violation: string) => {
    if (violations.length < maxViolations) violations.push(violation)
  }
  const walk = await walkLedger(pool, note, progress)
  const { checks } = await checkInvariants(pool)
  for (const { name, violations: found } of checks) for (const violation of found) note(`${name}: ${violation}`)
  return { ok: violations.length === 0, ...walk, violations }
}

async function walkLedger(pool: Pool, note: (violation: string) => void, progress: (entries: number) => void) {
  const client = await pool.connect()
  const fullestBySku = new Map<number, number>()
  let entries = 0
  let decisions = 0
  let broken = true
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await client.query(`SET LOCAL statement_timeout = ${checkTimeoutMs}`)
    const groups = decisionGroups(client)
    let before: LedgerRow | undefined
    for await (const entry of ledgerRows(client)) {
      checkEntry(entry, before?.skuNo === entry.skuNo ? before : undefined, note)
      fullestBySku.set(entry.skuNo, Math.max(fullestBySku.get(entry.skuNo) ?? 0, fullness(entry)))
      if (entry.kind === "decided") decisions += checkDecisions(entry, (await groups.next()).value ?? undefined, note)
      before = entry
      entries += 1
      if (entries % progressEvery === 0) progress(entries)
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

function checkEntry(entry: LedgerRow, before: LedgerRow | undefined, note: (violation: string) => void): void {
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
  note: (violation: string) => void,
): number {
  const found = group?.skuNo === entry.skuNo && group.seq === entry.seq ? group.decisions : []
  if (!entry.digest?.equals(digestOf(found)))
    note(`SKU ${entry.skuNo} seq ${entry.seq}: its decisions are not those the ledger covers`)
  return found.length
}

const fullness = ({ total, reserved, sold }: LedgerRow): number =>
  total === 0 ? (reserved + sold > 0 ? Number.POSITIVE_INFINITY : 0) : (reserved + sold) / total
