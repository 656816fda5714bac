import { slowAfterMs, slowDecisionMs } from "../../core/contracts/metrics.ts"
import { databaseIsSlow, kafkaRefuses, redisIsAway, writerStands } from "./causes.ts"
import type { AlarmDefinition } from "./definition.ts"
import { fastSeconds, formula, saleMetric, shareOf } from "./metric-spec.ts"

/** A p95 above a limit says the same: more than this share of the calls takes longer than the limit. */
const slowPercent = 5
/** With fewer calls in a period, and fewer slow ones, a share says nothing: one slow call of three is no page. */
const fewCalls = { all: 50, part: 5 }
const fewCheckouts = { all: 10, part: 3 }

/**
 * Alarms on the share of slow calls. A call counts as slow when its limit passes, and not when it returns: one that hangs is seen
 * as soon as a slow one.
 */
export const latencyAlarms: readonly AlarmDefinition[] = [
  {
    heading: "WriteLatencyHigh",
    priority: "P1",
    condition: `more than ${slowPercent} % of the reservations take longer than ${slowAfterMs["reservation.answer"]} ms, to their answer or to their decision`,
    metric: formula(
      `MAX([${shareOf({ part: "slow", all: "timed" }, fewCalls)}, ${shareOf({ part: "late", all: "decided" }, fewCalls)}])`,
      {
        timed: saleMetric("reservation.answer.timed", "reserve", "Sum", fastSeconds),
        slow: saleMetric("reservation.answer.slow", "reserve", "Sum", fastSeconds),
        decided: saleMetric("batch.processed", "batch-writer", "Sum", fastSeconds),
        late: saleMetric("reservation.decided.slow", "batch-writer", "Sum", fastSeconds),
      },
      fastSeconds,
    ),
    above: slowPercent,
    datapoints: 1,
    silence: "fine",
    suppressedBy: [...writerStands, databaseIsSlow, redisIsAway, kafkaRefuses],
  },
  {
    heading: "ReadLatencyHigh",
    priority: "P1",
    condition: `more than ${slowPercent} % of the reads of availability that reach the origin take longer than ${slowAfterMs.availability} ms`,
    metric: formula(
      shareOf({ part: "slow", all: "timed" }, fewCalls),
      {
        timed: saleMetric("availability.timed", "availability", "Sum", fastSeconds),
        slow: saleMetric("availability.slow", "availability", "Sum", fastSeconds),
      },
      fastSeconds,
    ),
    above: slowPercent,
    datapoints: 1,
    silence: "fine",
    suppressedBy: [databaseIsSlow, redisIsAway],
  },
  {
    heading: "CheckoutLatencyHigh",
    priority: "P1",
    condition: `more than ${slowPercent} % of the checkouts take longer than ${slowAfterMs.checkout} ms, the payment provider included`,
    metric: formula(
      shareOf({ part: "slow", all: "timed" }, fewCheckouts),
      {
        timed: saleMetric("checkout.timed", "checkout", "Sum", fastSeconds),
        slow: saleMetric("checkout.slow", "checkout", "Sum", fastSeconds),
      },
      fastSeconds,
    ),
    above: slowPercent,
    datapoints: 1,
    silence: "fine",
    suppressedBy: [databaseIsSlow, redisIsAway],
  },
]

if (slowAfterMs["reservation.answer"] !== slowDecisionMs) throw new Error("WriteLatencyHigh has one limit for both measurements")
