import * as z from "zod"
import { leastBatchRecords, mostBatchRecords } from "../../domain/batch-size.ts"
import { change, read } from "./command.ts"

/** The last change of a setting. */
const Changed = z.strictObject({ by: z.string(), at: z.iso.datetime() })

const Limits = z.enum(["normal", "tight"])
export type Limits = z.output<typeof Limits>

/** The limits of admission of the stage. */
export const LimitsReport = z.strictObject({
  /** What counts: tight if an operator or the sweeper tightened them. */
  limits: Limits,
  /** The choice of an operator; null when none was ever made. */
  by_operator: Changed.extend({ limits: Limits }).nullable(),
  /** The choice of the sweeper, by the reads that PostgreSQL answers. */
  by_itself: Changed.extend({ limits: Limits }).nullable(),
  /** Requests a minute of a user, by tier. */
  requests_per_minute: z.record(z.string(), z.number()),
  /** After this every function works with a change. */
  in_effect_within_seconds: z.int(),
})
export type LimitsReport = z.output<typeof LimitsReport>

/** The size of the writer's batches. */
export const BatchSizeReport = z.strictObject({
  /** Records of a batch that counts now. */
  records: z.int(),
  /** True when no operator has chosen another. */
  is_default: z.boolean(),
  /** Records of a batch under a backlog. */
  records_under_backlog: z.int(),
  least: z.int(),
  most: z.int(),
  /** The last change; null when there was none. */
  changed: Changed.nullable(),
})
export type BatchSizeReport = z.output<typeof BatchSizeReport>

/** What operators set while a sale runs. Every function takes a change by itself, without a deployment. */
export const settingsCommands = {
  limits: read({}, LimitsReport),
  "limits-set": change({ limits: Limits }, LimitsReport),
  "batch-size": read({}, BatchSizeReport),
  /** Null: as many as by default. */
  "batch-size-set": change({ records: z.int().min(leastBatchRecords).max(mostBatchRecords).nullable() }, BatchSizeReport),
}
