import type { AlarmDefinition } from "./definition.ts"
import { fastSeconds, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** Six reports a minute are written. So few mean that some failed. */
const leastReportsPerMinute = 4

/** Alarms on the figures of analytics: that they are written, and that they are complete. No shopper waits for them. */
export const analyticsAlarms: readonly AlarmDefinition[] = [
  {
    heading: "AnalyticsReportLate",
    priority: "P2",
    condition: `fewer than ${leastReportsPerMinute} reports of analytics were written in a minute`,
    metric: saleMetric("analytics.reported", "analytics-report", "Sum", minuteSeconds),
    below: leastReportsPerMinute,
    datapoints: 3,
    silence: "alarming",
  },
  {
    heading: "AnalyticsIncomplete",
    priority: "P2",
    condition: "records of the event topic were gone or passed over before analytics counted them",
    metric: saleMetric("analytics.skipped", "analytics", "Sum", minuteSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
  {
    heading: "EventTopicRecreated",
    priority: "P1",
    condition:
      "new events came at offsets that analytics had counted: the topic began again at 0, and its other consumers may lack events",
    metric: saleMetric("analytics.recreated", "analytics", "Sum", fastSeconds),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
]
