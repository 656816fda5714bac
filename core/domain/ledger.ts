import { createHash } from "node:crypto"
import { writeUuid } from "./ids.ts"
import { outcomeCodes, type Reservation } from "./reservation.ts"

/**
 * The kind of a ledger entry. `decided` covers the requests of one transaction; every other kind covers the reservations that it
 * names.
 */
export type LedgerKind =
  | "decided"
  | "expired"
  | "promoted"
  | "extended"
  | "cancelled"
  | "lapsed"
  | "confirmed"
  | "restocked"
  | "paid"
  | "payment_failed"
  | "refunded"
  | "refunded_kept"
  | "partly_refunded"
  | "refund_failed"
  | "opened"
  | "closed"
  | "halted"
  | "frozen"
  | "resumed"
  | "switched_to_batch"
  | "switched_to_direct"

/** One entry to append: how the balances move, and which reservations moved them. */
export interface LedgerEntry {
  readonly kind: LedgerKind
  readonly seq: number
  readonly firstOffset?: number
  readonly lastOffset?: number
  readonly totalDelta: number
  readonly reservedDelta: number
  readonly soldDelta: number
  readonly waitlistedDelta: number
  /** SHA-256 over the decisions in offset order; only on `decided`. */
  readonly digest?: Buffer
  /** How many requests were refused, in the order of `refusalReasons`; empty for every kind but `decided`. */
  readonly refused: readonly number[]
  readonly moved: readonly string[]
  /** Units moved; for payments the money in minor units; for an extension its microseconds. */
  readonly amount: number
}

const bytesPerDecision = 48

/**
 * The digest of a `decided` entry: SHA-256 over its decisions in offset order. It covers every column that never changes, so that
 * a decision altered in the database no longer matches the ledger.
 */
export function digestOf(decisions: readonly Reservation[]): Buffer {
  const bytes = Buffer.alloc(decisions.length * bytesPerDecision)
  decisions.forEach((decision, index) => {
    let at = index * bytesPerDecision
    at = bytes.writeInt32BE(decision.ord, at)
    at = bytes.writeInt32BE(outcomeCodes[decision.outcome], at)
    at = bytes.writeInt32BE(decision.quantity, at)
    at = bytes.writeInt32BE(decision.bodyHash, at)
    writeUuid(decision.id, bytes, at)
    at += 16
    // A refusal keeps only 32 bits of the user. The digest covers them instead of the user id.
    if (decision.userId === undefined) bytes.writeInt32BE(decision.owner, at)
    else writeUuid(decision.userId, bytes, at)
  })
  return createHash("sha256").update(bytes).digest()
}
