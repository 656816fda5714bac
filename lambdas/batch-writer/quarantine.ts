import { codeOf } from "../../core/adapters/failure-kind.ts"
import type { Transact } from "../../core/adapters/postgres/transaction.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import { type Batch, emptyScopeOf, firstOffsetOf, nameOf, nextOffsetOf, planQuarantine } from "./batch.ts"
import type { Delivery } from "./delivery.ts"
import type { Evidence } from "./evidence.ts"
import type { LockedPath } from "./locked-path.ts"
import { OpensShortly } from "./opening.ts"

/**
 * Writes both halves of a batch, so that a failure that speaks of data meets its record alone.
 * @returns the offset to go on from
 */
export async function bisect(batch: Batch, write: (half: Batch) => Promise<number>): Promise<number> {
  const middle = Math.ceil(batch.records.length / 2)
  const next = await write({ ...batch, records: batch.records.slice(0, middle) })
  const rest = batch.records.slice(middle).filter(({ offset }) => offset >= next)
  return rest.length === 0 ? next : write({ ...batch, records: rest })
}

export interface QuarantineDeps {
  readonly transact: Transact
  readonly commit: LockedPath["commit"]
  readonly evidence: Evidence
}

/**
 * Judges a record whose own values PostgreSQL seems to refuse: decides it, or puts it into quarantine when the evidence holds
 * (ADR 0020).
 * @returns the offset to go on from; undefined when something else may be the cause, so that the partition must wait
 */
export type JudgeRecord = (batch: Batch, error: unknown, delivery: Delivery) => Promise<number | undefined>

export function createRecordJudge({ transact, commit, evidence }: QuarantineDeps): JudgeRecord {
  return async (batch, error, delivery) => {
    // The record fails before and after another commit: an outage that ends in between cannot make the record look invalid.
    if (!(await evidence.somethingElseCommits(batch))) return undefined
    try {
      return await commit(batch, delivery, "fresh")
    } catch (again) {
      if (again instanceof OpensShortly) throw again
      if (!evidence.failsTheSame(error, again)) return undefined
    }
    return quarantine(batch, error)
  }

  async function quarantine(batch: Batch, error: unknown): Promise<number | undefined> {
    const code = codeOf(error) ?? "none"
    const about = { place: nameOf(batch), offset: firstOffsetOf(batch), code }
    try {
      await transact(emptyScopeOf(batch), () => planQuarantine(batch, `refused-by-database-${code}`))
    } catch (failed) {
      logger.warn("A record could not be quarantined; its partition waits", { ...about, error: failed as Error })
      return undefined
    }
    logger.error("PostgreSQL refused a record for its own values; it is in quarantine", { ...about, error: error as Error })
    count("quarantine.count")
    return nextOffsetOf(batch)
  }
}
