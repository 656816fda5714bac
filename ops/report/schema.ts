import * as z from "zod"
import { Currency, SkuId, Timestamp } from "../../core/contracts/http/primitives.ts"
import { ReportedSale } from "../../core/contracts/operations/report.ts"

/**
 * The JSON of a report. A member may be added without a new version; a member that goes away or changes its meaning makes a new
 * one. Null means: not measured.
 */
export const reportSchemaVersion = 1

const count = z.number().min(0)
const measured = count.nullable()
const share = z.number().min(0)

/** A list with one value for each interval. */
const overTime = z.array(measured)

const Endpoint = z.strictObject({
  /** The function that serves it. */
  endpoint: z.string(),
  requests: measured,
  /** Answers with a status of 500 and above. */
  errors: measured,
  /** The time whose percentiles follow; null when none is measured here. */
  latency_of: z.string().nullable(),
  /** Of the slowest interval and of the middle one: percentiles of a whole window cannot be made of those of its parts. */
  worst_p95_ms: measured,
  worst_p99_ms: measured,
  worst_at: Timestamp.nullable(),
  median_p95_ms: measured,
  over_time: z.strictObject({ requests: overTime, errors: overTime, p95_ms: overTime, p99_ms: overTime }),
})
export type Endpoint = z.output<typeof Endpoint>

const Refusal = z.strictObject({
  /** `admission`: refused before the queue, not stored. `decision`: refused by the writer, in the ledger. */
  by: z.enum(["admission", "decision"]),
  reason: z.string(),
  /** The tier that the rate limiter used; 1 is a flagged client. Null where no tier is known. */
  tier: z.string().nullable(),
  requests: count,
})
export type Refusal = z.output<typeof Refusal>

const Flagged = z.strictObject({
  /** Requests of flagged clients, in all and by the signal that they had. A request has several signals. */
  requests: measured,
  by_signal: z.array(z.strictObject({ signal: z.string(), claimed_tier: z.string(), requests: count })),
  /** Accounts that log lines name. Each process writes a limited number of such lines: a sample. Null: the log was not read. */
  accounts_seen: measured,
  lines_left_out: measured,
  /** Of these accounts: those that got a unit or a place on the waitlist, and those that paid. People pay. */
  accounts_accepted: measured,
  accounts_paid: measured,
  units_paid: measured,
})
export type Flagged = z.output<typeof Flagged>

const Queue = z.strictObject({
  deepest_records: measured,
  deepest_at: Timestamp.nullable(),
  /** From the acceptance of a request to its decision. */
  longest_wait_ms: measured,
  longest_wait_at: Timestamp.nullable(),
  over_time: z.strictObject({ records: overTime, wait_p95_ms: overTime, decided: overTime }),
})

const Peak = z.strictObject({
  what: z.string(),
  /** What the stage is declared to carry. */
  planned_per_second: count,
  /** Of the fullest interval, on average. */
  measured_per_second: measured,
  at: Timestamp.nullable(),
  share_of_plan: share.nullable(),
})
export type Peak = z.output<typeof Peak>

const SaleOverTime = z.strictObject({
  sku_id: SkuId,
  available: overTime,
  reserved: overTime,
  sold: overTime,
  refused: overTime,
  /** Sums from the beginning of the window, in minor units. */
  ordered_minor: overTime,
  captured_minor: overTime,
  refunded_minor: overTime,
})
export type SaleOverTime = z.output<typeof SaleOverTime>

/** Money of all sales of one currency. */
const Revenue = z.strictObject({
  currency: Currency,
  orders: count,
  ordered_minor: count,
  captured_minor: count,
  refunded_minor: count,
  kept_minor: z.number(),
})
export type Revenue = z.output<typeof Revenue>

const ErrorCause = z.strictObject({ cause: z.string(), where: z.string(), times: count })

const Tripped = z.strictObject({
  alarm: z.string(),
  priority: z.string(),
  condition: z.string(),
  from: Timestamp,
  /** Null: it was still in alarm at the end of the window. */
  to: Timestamp.nullable(),
  /** Whether its message was sent, or one of its causes was in alarm at that time. Null: not known. */
  sent: z.boolean().nullable(),
  runbook: z.string(),
})
export type Tripped = z.output<typeof Tripped>

const Proof = z.strictObject({
  ok: z.boolean(),
  /** Units above the stock, in the worst entry of a ledger. */
  oversold: count,
  /** Of every sale of the system, those of this report included. */
  entries: count,
  decisions: count,
  violations: z.array(z.string()),
  /** The state of each ledger that the verification covers: the hash stands for every entry up to its number. */
  heads: z.array(z.strictObject({ sku_id: SkuId, ledger_seq: count, head_hash: z.string() })),
})
export type Proof = z.output<typeof Proof>

const Cost = z.strictObject({
  /** The stage whose sizes the model used. */
  stage: z.string(),
  prices_as_of: z.string(),
  basis: z.string(),
  lines: z.array(z.strictObject({ component: z.string(), usd: z.number(), basis: z.string() })),
  total_usd: z.number(),
})

const Answer = z.strictObject({
  question: z.string(),
  answer: z.string(),
  /** How the answer is known. */
  known_by: z.enum(["ledger", "metrics", "model", "inference", "not measured"]),
})
export type Answer = z.output<typeof Answer>

export const Report = z.strictObject({
  schema_version: z.literal(reportSchemaVersion),
  made_at: Timestamp,
  /** A deployed stage, or `local`. */
  system: z.string(),
  /** The stage whose declared rates and sizes the report compares with. */
  planned_by_stage: z.string(),
  window: z.strictObject({
    from: Timestamp,
    to: Timestamp,
    interval_seconds: count,
    /** The beginnings of the intervals: lists over time have one value for each. */
    intervals: z.array(Timestamp),
  }),
  /** What the reader must know of the numbers. */
  notes: z.array(z.string()),
  sales: z.array(ReportedSale),
  sales_left_out: count,
  sales_over_time: z.array(SaleOverTime),
  revenue: z.array(Revenue),
  endpoints: z.array(Endpoint),
  cache: z.strictObject({
    hits: measured,
    misses: measured,
    hit_share: share.nullable(),
    over_time: z.strictObject({ hit_share: overTime }),
  }),
  refusals: z.array(Refusal),
  flagged: Flagged,
  queue: Queue,
  peaks: z.array(Peak),
  errors: z.array(ErrorCause),
  tripped: z.array(Tripped),
  proof: Proof,
  cost: Cost,
  answers: z.array(Answer),
})
export type Report = z.output<typeof Report>
