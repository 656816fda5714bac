import { DatabaseError } from "pg"

/** What a SQLSTATE means for the code that sent the statement (PostgreSQL manual, appendix A; FS... are our own). */
export type SqlFailureKind =
  /** PostgreSQL, its schema or the network has failed: retry without end, nothing is lost. */
  | "unavailable"
  /** The watermark is not the expected one: another delivery was first, or the offsets belong to another log. */
  | "watermark"
  /** No watermark exists for the partition. */
  | "no-watermark"
  /** Another transaction decided one of the ids, or moved the ledger: load and decide again. */
  | "conflict"
  /** A SKU of the partition is frozen: the partition waits until an operator resumes it. */
  | "frozen"
  /** The sale is in another mode than the caller assumed: nothing was written. */
  | "mode"
  /** The error is about a value of the statement. The record may be the cause; this is no proof. */
  | "data"

/** States that the functions of this schema raise, and the unique violation that the server raises for them. */
const ours: Readonly<Record<string, SqlFailureKind>> = {
  FS001: "no-watermark",
  FS002: "watermark",
  FS003: "conflict",
  FS004: "conflict",
  FS005: "frozen",
  FS006: "mode",
  "23505": "conflict",
}

/**
 * The states that the values of a record can cause, with the reason of each. A record carries two UUIDs of 16 bytes, four
 * integers of 32 bits and a time that no statement gets, so that no other state of class 22 can occur. Constraints (class 23) are
 * not in the list: `decide` keeps them, so that a violation means a fault in our code or in the schema.
 */
const dataStates: ReadonlySet<string> = new Set([
  // numeric_value_out_of_range: a quantity that `reservations.quantity`, a smallint, cannot hold.
  "22003",
])

/** Classifies a SQLSTATE; a state that is on no list is a failure of the database. */
export const kindOfSqlState = (state: string): SqlFailureKind => ours[state] ?? (dataStates.has(state) ? "data" : "unavailable")

/** After a failover a pooled connection may lead to a server that is read-only now; a new one leads to the new primary. */
const readOnlyTransaction = "25006"
/** Transaction rollback: deadlock and serialization failure. */
const rollbackClass = "40"

/** True when nothing was written and the database answers: the next try may succeed at once. */
export const mayPassSoon = (state: string | undefined): boolean =>
  state === readOnlyTransaction || state?.startsWith(rollbackClass) === true

/** The watermark that a failure of kind `watermark` found. */
export const watermarkFound = (error: unknown): number => Number((error as { detail?: string }).detail)

/** True when a batch that assumed every id to be new held one that was decided before. */
export const hasDecidedId = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === "23505" && error.constraint === "reservations_pkey"
