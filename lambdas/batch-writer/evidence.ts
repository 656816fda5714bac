import { codeOf, failureKind } from "../../core/adapters/failure-kind.ts"
import type { Transact } from "../../core/adapters/postgres/transaction.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { type Batch, emptyScopeOf, nameOf, neighbourScopeOf, planEmpty, planNeighbour } from "./batch.ts"

/**
 * What must be true before a record may go to quarantine because PostgreSQL refuses it. All three must hold. Otherwise an outage
 * may be the cause, and the partition waits (ADR 0020).
 */
export interface Evidence {
  /**
   * 1. PostgreSQL's error is about a value that a record can carry: its SQLSTATE is on the closed list of transaction-errors.ts.
   */
  speaksOfData(error: unknown): boolean
  /** 2. The record alone, on a fresh connection, fails again in the same way. */
  failsTheSame(first: unknown, again: unknown): boolean
  /** 3. At this moment something else commits. Never throws. */
  somethingElseCommits(batch: Batch): Promise<boolean>
}

/** The evidence as PostgreSQL gives it, on connections that are opened for it. */
export const createEvidence = (transact: Transact): Evidence => ({
  speaksOfData: (error) => failureKind(error) === "data",
  failsTheSame: (first, again) => codeOf(first) === codeOf(again),
  async somethingElseCommits(batch) {
    try {
      // A valid request of the same SKU passes every statement and every constraint, and is rolled back. So not every record
      // meets the error that this record met.
      await transact(neighbourScopeOf(batch), () => planNeighbour(batch), "fresh")
      // An empty batch passes the partition's lock, the write of its watermark and COMMIT.
      await transact(emptyScopeOf(batch), () => planEmpty(batch), "fresh")
      return true
    } catch (error) {
      logger.warn("Nothing else commits either, so the record is not the cause; its partition waits", {
        place: nameOf(batch),
        error: error as Error,
      })
      return false
    }
  },
})
