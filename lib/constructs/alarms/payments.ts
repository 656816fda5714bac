import { type AlarmDefinition, across, fastSeconds, minuteSeconds, saleMetric } from "./definition.ts"

/** After this time a failed capture or refund needs an operator: it was tried about seven times by then. */
const longestSetAsideMs = 600_000

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
]
