import type { MetricName } from "../../core/contracts/metrics.ts"
import type { FunctionName } from "../config.ts"
import type { AlarmDefinition } from "./definition.ts"
import { across, fastSeconds, saleMetric } from "./metric-spec.ts"

/** After this time a failed capture or refund needs an operator: it was tried about seven times by then. */
const longestSetAsideMs = 600_000

/** Functions that learn what became of a refund; those that read disputes at the provider are fewer. */
const refunding: readonly FunctionName[] = ["checkout", "expiry-sweeper", "ops"]
const readingDisputes: readonly FunctionName[] = ["checkout", "expiry-sweeper"]

const inAll = (name: MetricName, services: readonly FunctionName[]) =>
  across(
    "SUM",
    services.map((service) => saleMetric(name, service, "Sum", fastSeconds)),
    fastSeconds,
  )

/** Alarms on calls to the payment provider, and on captures and refunds that do not succeed. */
export const paymentAlarms = (): AlarmDefinition[] => [
  {
    heading: "PaymentMisconfigured",
    priority: "P1",
    condition: "the payment provider refuses our calls (400, 401, 403, 404): a key, a permission or an amount of ours is wrong",
    metric: across(
      "SUM",
      [
        saleMetric("payment.misconfigured", "checkout", "Sum", fastSeconds),
        saleMetric("payment.misconfigured", "event-reactor", "Sum", fastSeconds),
        saleMetric("payment.misconfigured", "expiry-sweeper", "Sum", fastSeconds),
        saleMetric("payment.misconfigured", "ops", "Sum", fastSeconds),
        saleMetric("payment.misconfigured", "ops-checks", "Sum", fastSeconds),
      ],
      fastSeconds,
    ),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "PaymentsSetAside",
    priority: "P1",
    condition: "a capture or a refund has been failing for more than 10 min",
    metric: saleMetric("payment.set-aside.age", "expiry-sweeper", "Maximum", fastSeconds),
    above: longestSetAsideMs,
    datapoints: 3,
    silence: "fine",
    slowBecause: "the condition itself is 10 min of failures, which are tried again by themselves",
  },
  {
    heading: "RefundFailed",
    priority: "P1",
    condition: "a refund failed, at once or after it had succeeded: its money did not reach the shopper",
    metric: inAll("refund.failed", refunding),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "PaymentDisputed",
    priority: "P2",
    condition: "a shopper's bank disputes a payment: the provider waits for evidence until a date",
    metric: inAll("payment.disputed", readingDisputes),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
]
