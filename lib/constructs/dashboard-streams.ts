import { groupNames } from "../../core/contracts/consumer-groups.ts"
import { fastSeconds, minuteSeconds, saleMetric } from "../alarms/metric-spec.ts"
import { graph } from "./dashboard-widgets.ts"

/** The consumer groups of the events: where each is, whether it moves, and what it does. */
export const howFarAreTheStreams = () => [
  graph("Records a group has not processed, in the partition with the most", ...ofGroups("consumer.lag")),
  graph("Standstill of a group although records wait, ms", ...ofGroups("consumer.stalled")),
  graph(
    "Events published, counted, passed on to the warehouse",
    saleMetric("relay.published", "expiry-sweeper", "Sum", fastSeconds),
    saleMetric("analytics.counted", "analytics", "Sum", fastSeconds),
    saleMetric("fulfilment.published", "fulfilment", "Sum", fastSeconds),
  ),
  graph(
    "From the event to its count and its notice, p95, ms",
    saleMetric("analytics.delay", "analytics", "p95", minuteSeconds),
    saleMetric("notice.delay", "notifier", "p95", minuteSeconds),
  ),
  graph(
    "Notices",
    saleMetric("notice.sent", "notifier", "Sum", minuteSeconds),
    saleMetric("notice.failed", "notifier", "Sum", minuteSeconds),
    saleMetric("notice.no-address", "notifier", "Sum", minuteSeconds),
    saleMetric("notice.bounced", "mail-feedback", "Sum", minuteSeconds),
    saleMetric("notice.complained", "mail-feedback", "Sum", minuteSeconds),
  ),
  graph(
    "Figures of analytics: orders",
    saleMetric("analytics.orders", "analytics-report", "Maximum", minuteSeconds),
    saleMetric("analytics.orders.reserved", "analytics-report", "Maximum", minuteSeconds),
    saleMetric("analytics.orders.failed", "analytics-report", "Maximum", minuteSeconds),
    saleMetric("analytics.conflicts", "analytics", "Sum", minuteSeconds),
  ),
  graph(
    "Figures of analytics: rates",
    saleMetric("analytics.orders.per.minute", "analytics-report", "Maximum", minuteSeconds),
    saleMetric("analytics.throughput", "analytics-report", "Maximum", minuteSeconds),
    saleMetric("analytics.success.rate", "analytics-report", "Maximum", minuteSeconds),
    saleMetric("analytics.failure.rate", "analytics-report", "Maximum", minuteSeconds),
  ),
]

const ofGroups = (name: "consumer.lag" | "consumer.stalled") =>
  groupNames("reservationEvents").map((group) => saleMetric(name, "expiry-sweeper", "Maximum", fastSeconds, { group }))
