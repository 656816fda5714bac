import { type AlarmDefinition, across, fastSeconds, minuteSeconds, saleMetric } from "./definition.ts"

/** Money that is not where it belongs for longer than this needs a person: by then it was tried about seven times. */
const longestSetAsideMs = 600_000

/** Does the payment provider take what we ask of it, and does money come to rest? */
export const paymentAlarms = (): AlarmDefinition[] => [
  {
    heading: "PaymentMisconfigured",
    priority: "P1",
    condition: "the payment provider refuses how we ask (400, 401, 403, 404): a key, a right or an amount of ours is wrong",
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
    condition: "a capture or a return of money has been failing for more than 10 min",
    metric: saleMetric("payment.set-aside.age", "expiry-sweeper", "Maximum", fastSeconds),
    above: longestSetAsideMs,
    datapoints: 3,
    silence: "fine",
  },
]
