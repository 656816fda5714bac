import type { StageConfig } from "../config.ts"
import type { AlarmDefinition } from "./definition.ts"
import { fastSeconds, formula, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** How much faster or slower than planned the stock may sell before the alarm, in percent. */
const depletionTolerancePercent = 20

/** Alarms on overselling, the queue, the writer and the sweeper, from metrics of the sweeper and the writer. */
export const saleAlarms = (stage: StageConfig): AlarmDefinition[] => [
  ...stockAlarms,
  ...queueAlarms,
  ...decisionAlarms(stage),
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
    condition: "units are held for more than 30 s past the end of their hold: nobody can buy them",
    metric: saleMetric("inventory.undersell", "expiry-sweeper", "Maximum", fastSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
]

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
  },
]

/** Alarms on the speed of decisions, and on records without a decision. */
const decisionAlarms = ({ capacity }: StageConfig): readonly AlarmDefinition[] => [
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
    heading: "DepletionRateOff",
    priority: "P2",
    condition: `units leave the stock more than ${depletionTolerancePercent} % faster or slower than the ${capacity.checkoutsPerSecond}/s of the plan (capacity.checkoutsPerSecond)`,
    metric: formula(
      `IF(units > 0, ABS(100 * (units / PERIOD(units) / ${capacity.checkoutsPerSecond} - 1)), 0)`,
      { units: saleMetric("stock.depletion.rate", "batch-writer", "Sum", fastSeconds) },
      fastSeconds,
    ),
    above: depletionTolerancePercent,
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

const sweeperAlarms: readonly AlarmDefinition[] = [
  {
    heading: "SweepLate",
    priority: "P1",
    condition: "no sweep was completed in 30 s",
    metric: saleMetric("sweep.completed", "expiry-sweeper", "Sum", fastSeconds),
    below: 1,
    datapoints: 3,
    silence: "alarming",
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
  },
  {
    heading: "SkuTaskFailing",
    priority: "P1",
    condition: "a task of the sweeper has been failing for one SKU for more than 60 s; the other SKUs go on",
    metric: saleMetric("sku.failing", "expiry-sweeper", "Maximum", fastSeconds),
    above: 60_000,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "RelayLate",
    priority: "P1",
    condition: "a ledger entry has been unpublished for more than 30 s",
    metric: saleMetric("relay.lag", "expiry-sweeper", "Maximum", fastSeconds),
    above: 30_000,
    datapoints: 1,
    silence: "fine",
  },
]
