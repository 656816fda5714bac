import type { Pool } from "pg"
import balancesMatchReservations from "./invariants/balances-match-reservations.sql"
import counters from "./invariants/counters.sql"
import decisionDigests from "./invariants/decision-digests.sql"
import expiryWasDue from "./invariants/expiry-was-due.sql"
import fifo from "./invariants/fifo.sql"
import holdings from "./invariants/holdings.sql"
import ledgerChain from "./invariants/ledger-chain.sql"
import ledgerFold from "./invariants/ledger-fold.sql"
import neverOversold from "./invariants/never-oversold.sql"
import orderPayments from "./invariants/order-payments.sql"
import orders from "./invariants/orders.sql"
import recordsAreAccountedFor from "./invariants/records-are-accounted-for.sql"
import refunds from "./invariants/refunds.sql"
import soldOutWasTrue from "./invariants/sold-out-was-true.sql"
import statesFollowLedger from "./invariants/states-follow-ledger.sql"
import waitersFirst from "./invariants/waiters-first.sql"
import waitlist from "./invariants/waitlist.sql"

/** Everything that must hold in every committed state and that SQL can check, by name; each statement returns its violations. */
export const invariants: Readonly<Record<string, string>> = {
  "balances-match-reservations": balancesMatchReservations,
  counters: counters,
  "decision-digests": decisionDigests,
  "expiry-was-due": expiryWasDue,
  fifo: fifo,
  holdings: holdings,
  "ledger-chain": ledgerChain,
  "ledger-fold": ledgerFold,
  "records-are-accounted-for": recordsAreAccountedFor,
  "never-oversold": neverOversold,
  "order-payments": orderPayments,
  orders: orders,
  refunds: refunds,
  "sold-out-was-true": soldOutWasTrue,
  "states-follow-ledger": statesFollowLedger,
  "waiters-first": waitersFirst,
  waitlist: waitlist,
}

/** Reported violations of one invariant; the first ones show what is wrong. */
const maxViolations = 20
/** The checks read the whole history; they run for operators and tests, never for shoppers. */
export const checkTimeoutMs = 120_000

/**
 * The first violations of an invariant. PostgreSQL plans it without the limit: with the limit it chooses a plan that finds the
 * first ones soon, but takes the square of the sale's length to find that there are none (400,000 decisions: 115 s for one check;
 * planned so, all checks take 5 s).
 */
const limited = (text: string): string =>
  `WITH violations AS MATERIALIZED (\n${text}\n) SELECT violation FROM violations LIMIT ${maxViolations}`

/** The result of one invariant. */
export interface InvariantCheck {
  readonly name: string
  readonly ok: boolean
  readonly violations: readonly string[]
}

/**
 * Checks every invariant in one snapshot, so that the result is also true for a running system: a check that holds only at rest
 * leaves out rows that are younger than its bound.
 *
 * @param pool connections that may read every table, with a client timeout of at least `checkTimeoutMs`
 * @throws PostgreSQL's errors
 */
export async function checkInvariants(pool: Pool): Promise<{ ok: boolean; checks: InvariantCheck[] }> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await client.query(`SET LOCAL statement_timeout = ${checkTimeoutMs}`)
    const checks: InvariantCheck[] = []
    for (const [name, text] of Object.entries(invariants)) {
      const { rows } = await client.query<{ violation: string }>(limited(text))
      checks.push({ name, ok: rows.length === 0, violations: rows.map(({ violation }) => violation) })
    }
    await client.query("COMMIT")
    broken = false
    return { ok: checks.every(({ ok }) => ok), checks }
  } finally {
    client.release(broken)
  }
}
