import type { AlarmDefinition } from "./definition.ts"
import { awsMetric, formula, minuteSeconds } from "./metric-spec.ts"

/** Alarms on the traffic at the edge. CloudFront reports to us-east-1 only, so that these alarms are there. */
export const edgeAlarms = (distributionId: string): AlarmDefinition[] => [
  {
    heading: "RequestRateHigh",
    priority: "P2",
    condition: "more than 300,000 requests a second reach CloudFront: is the WAF refusing what it should?",
    metric: formula(
      "requests / PERIOD(requests)",
      { requests: awsMetric("AWS/CloudFront", "Requests", { DistributionId: distributionId, Region: "Global" }, "Sum") },
      minuteSeconds,
    ),
    above: 300_000,
    datapoints: 1,
    silence: "fine",
  },
]
