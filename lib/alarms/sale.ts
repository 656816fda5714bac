import { defaultPlannedSeconds, type SaleConfig, type StageConfig } from "../config.ts"
import { databaseIsSlow, writerStands } from "./causes.ts"
import type { AlarmDefinition } from "./definition.ts"
import { fastSeconds, formula, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** How much faster or slower than planned the stock may sell before the alarm, in percent. */
const depletionTolerancePercent = 20
/** Sales of the calendar that have an alarm of their own on their speed. Each costs as much as three metrics. */
const mostWatchedSales = 10
/** Below this share of its units a sale ends in the trickle of returned holds, which has no plan. */
const trickleShare = 0.1

/** Alarms on overselling, the queue, the writer and the sweeper, from metrics of the sweeper and the writer. */
export const saleAlarms = (stage: StageConfig): AlarmDefinition[] => [
  ...stockAlarms,
  ...queueAlarms,
  ...decisionAlarms,
  ...stage.sales.slice(0, mostWatchedSales).map(depletion),
  ...sweeperAlarms,
]

const stockAlarms: readonly AlarmDefinition[] = [
  {
    heading: "OversellDetected",
    priority: "P0",
    condition: "sold - total or reserved + sold - total is above 0. The sweeper has halted the SKU already",
    metric: saleMetric("inventory.oversell", "expiry-sweeper", "Maximum", fastSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "UndersellDetected",
    priority: "P1",
    condition:
      "units are held for more than 30 s past the end of their hold, or the counters of a SKU differ from its rows: nobody can buy them",
    metric: saleMetric("inventory.undersell", "expiry-sweeper", "Maximum", fastSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
]

/** A partition of the requests that stands still for so long, although records wait, has no writer. */
const longestStandstillMs = 10_000
/** A pause of the writer that a restart, or a new assignment of partitions, explains. */
const longestPauseMs = 3_000
/** The standstill begins at one measurement and is seen at another; both are up to 1 s late. */
const measuredTwiceSeconds = 2

/** Alarms on partitions that stand still, and on requests that wait. */
const queueAlarms: readonly AlarmDefinition[] = [
  {
    heading: "OffsetsDisagree",
    priority: "P0",
    condition: "the writer stopped a partition, because its watermark and the records disagree",
    metric: saleMetric("offsets.disagree", "batch-writer", "Sum", fastSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "WriterCannotWrite",
    priority: "P0",
    condition:
      "a partition has waited for more than 15 s, because the writer cannot write to PostgreSQL. Nothing is lost or refused",
    metric: saleMetric("writer.blocked", "batch-writer", "Maximum", fastSeconds),
    above: 15_000,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "WriterCannotWrite",
    variant: "stalled",
    priority: "P0",
    condition: `records wait in a partition of the requests, and its watermark has not moved for more than ${longestStandstillMs / 1_000} s: the writer is dead or stands still`,
    metric: saleMetric("queue.stalled", "expiry-sweeper", "Maximum", fastSeconds),
    above: longestStandstillMs,
    datapoints: 1,
    silence: "fine",
    seenAfterSeconds: longestStandstillMs / 1_000 + measuredTwiceSeconds,
  },
  {
    heading: "WriterCannotWrite",
    variant: "pause",
    priority: "P2",
    condition: `records wait in a partition of the requests, and its watermark has not moved for more than ${longestPauseMs / 1_000} s`,
    metric: saleMetric("queue.stalled", "expiry-sweeper", "Maximum", fastSeconds),
    above: longestPauseMs,
    datapoints: 1,
    silence: "fine",
    seenAfterSeconds: longestPauseMs / 1_000 + measuredTwiceSeconds,
  },
  {
    heading: "QueueDepthCritical",
    priority: "P0",
    condition: "more than 100,000 requests of a SKU wait: admission sheds with 503",
    metric: saleMetric("queue.depth", "expiry-sweeper", "Maximum", fastSeconds),
    above: 100_000,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "QueueDepthCritical",
    variant: "shedding-failed",
    priority: "P0",
    condition: "more than 500,000 requests of a SKU wait: shedding failed",
    metric: saleMetric("queue.depth", "expiry-sweeper", "Maximum", fastSeconds),
    above: 500_000,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "ConsumerLagHigh",
    priority: "P1",
    condition: "more than 10,000 records of a partition wait for the writer, 3 x 10 s",
    metric: saleMetric("kafka.consumer.lag", "expiry-sweeper", "Maximum", fastSeconds),
    above: 10_000,
    datapoints: 3,
    silence: "fine",
    slowBecause:
      "the standard asks for three periods: a backlog of a moment is normal. A dead writer has WriterCannotWrite-stalled",
    suppressedBy: [...writerStands, databaseIsSlow],
  },
  {
    heading: "ConsumerLagHigh",
    variant: "wait",
    priority: "P1",
    condition: "the p95 wait from acceptance to decision is longer than 2 s",
    metric: saleMetric("queue.wait", "batch-writer", "p95", fastSeconds),
    above: 2_000,
    datapoints: 3,
    silence: "fine",
    slowBecause: "the standard asks for three periods; WriteLatencyHigh sees late decisions within one",
    suppressedBy: [...writerStands, databaseIsSlow],
  },
]

/** Alarms on the speed of decisions, and on records without a decision. */
const decisionAlarms: readonly AlarmDefinition[] = [
  {
    heading: "BatchLatencyHigh",
    priority: "P2",
    condition: "a transaction of the writer takes more than 15 ms at p95 for 250 records",
    metric: formula(
      "latency / IF(size > 250, size / 250, 1)",
      {
        latency: saleMetric("batch.latency", "batch-writer", "p95", minuteSeconds),
        size: saleMetric("batch.size", "batch-writer", "Average", minuteSeconds),
      },
      minuteSeconds,
    ),
    above: 15,
    datapoints: 3,
    silence: "fine",
  },
  {
    heading: "QuarantineNotEmpty",
    priority: "P2",
    condition: "a record is in quarantine, because it cannot be decided",
    metric: saleMetric("quarantine.count", "batch-writer", "Sum", minuteSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "UnknownSchemaVersion",
    priority: "P2",
    condition: "a record has a schema version that this writer does not know",
    metric: saleMetric("quarantine.unknown-version", "batch-writer", "Sum", minuteSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
]

/** Units of one sale that leave the stock, against the plan of the calendar, while it is open and has units. */
function depletion({ skuId: sku, units, plannedSeconds = defaultPlannedSeconds }: SaleConfig): AlarmDefinition {
  const perSecond = units / plannedSeconds
  return {
    heading: "DepletionRateOff",
    variant: sku,
    priority: "P2",
    condition: `units of ${sku} leave the stock more than ${depletionTolerancePercent} % faster or slower than the ${Math.round(perSecond)}/s of the plan (plannedSeconds of the sale), while it is open and has units`,
    metric: formula(
      `IF(FILL(available, 0) > ${units * trickleShare}, ABS(100 * (FILL(taken, 0) / ${perSecond * fastSeconds} - 1)), 0)`,
      {
        taken: saleMetric("stock.depletion.rate", "batch-writer", "Sum", fastSeconds, { sku }),
        available: saleMetric("stock.available", "expiry-sweeper", "Minimum", fastSeconds, { sku }),
      },
      fastSeconds,
    ),
    above: depletionTolerancePercent,
    datapoints: 2,
    silence: "fine",
  }
}

const sweeperAlarms: readonly AlarmDefinition[] = [
  {
    heading: "SweepLate",
    priority: "P1",
    condition: "no sweep was completed in 30 s",
    metric: saleMetric("sweep.completed", "expiry-sweeper", "Sum", fastSeconds),
    below: 1,
    datapoints: 3,
    silence: "alarming",
    slowBecause: "the condition itself is 30 s without a sweep",
    suppressedBy: [databaseIsSlow],
  },
  {
    heading: "SweepLate",
    variant: "holds",
    priority: "P1",
    condition: "a hold ended more than 15 s late",
    metric: saleMetric("expiry.lag", "expiry-sweeper", "Maximum", fastSeconds),
    above: 15_000,
    datapoints: 1,
    silence: "fine",
    seenAfterSeconds: 15 + 5,
    slowBecause: "the condition itself is 15 s, and a slow database is its cause more often than the sweeper",
    suppressedBy: [databaseIsSlow],
  },
  {
    heading: "SkuTaskFailing",
    priority: "P1",
    condition: "a task of the sweeper has been failing for one SKU for more than 60 s; the other SKUs go on",
    metric: saleMetric("sku.failing", "expiry-sweeper", "Maximum", fastSeconds),
    above: 60_000,
    datapoints: 1,
    silence: "fine",
    seenAfterSeconds: 60 + 5,
    slowBecause: "the condition itself is 60 s of failures; a task repeats itself before anyone is called",
    suppressedBy: [databaseIsSlow],
  },
  {
    heading: "RelayLate",
    priority: "P1",
    condition: "a ledger entry has been unpublished for more than 30 s",
    metric: saleMetric("relay.lag", "expiry-sweeper", "Maximum", fastSeconds),
    above: 30_000,
    datapoints: 1,
    silence: "fine",
    seenAfterSeconds: 30 + 5,
    slowBecause: "the condition itself is 30 s; no sale depends on the relay",
    suppressedBy: [databaseIsSlow],
  },
]
