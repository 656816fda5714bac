import type { MetricName } from "../../core/contracts/metrics.ts"
import type { FunctionName } from "../config.ts"
import type { AlarmDefinition } from "./definition.ts"
import { across, fastSeconds, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** After this time a failed capture or refund needs an operator: it was tried about seven times by then. */
const longestSetAsideMs = 600_000

/** Functions that learn what became of a refund. */
const refunding: readonly FunctionName[] = ["checkout", "expiry-sweeper", "ops"]

const inAll = (name: MetricName, services: readonly FunctionName[]) =>
  across(
    "SUM",
    services.map((service) => saleMetric(name, service, "Sum", minuteSeconds)),
    minuteSeconds,
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
        saleMetric("payment.misconfigured", "checkout", "Sum", minuteSeconds),
        saleMetric("payment.misconfigured", "event-reactor", "Sum", minuteSeconds),
        saleMetric("payment.misconfigured", "expiry-sweeper", "Sum", minuteSeconds),
        saleMetric("payment.misconfigured", "ops", "Sum", minuteSeconds),
      ],
      minuteSeconds,
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
    metric: inAll("payment.disputed", refunding),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
]
