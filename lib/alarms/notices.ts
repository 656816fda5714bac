import type { StageConfig } from "../config.ts"
import { configurationSetName } from "../configuration-set-name.ts"
import type { AlarmDefinition } from "./definition.ts"
import { awsMetric, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** SES puts an account under review at a bounce rate of 5 % and a complaint rate of 0.1 %: both alarms come before that. */
const highBounceRate = 0.03
const highComplaintRate = 0.0005
const longestDelayMs = 900_000

/** Alarms on notices to shoppers. A stage without a sender address sends none, and these stay silent. */
export const noticeAlarms = (stage: StageConfig): AlarmDefinition[] => {
  const ofSes = (name: string) => awsMetric("AWS/SES", name, { "ses:configuration-set": configurationSetName(stage) }, "Maximum")
  return [
    {
      heading: "NoticesLate",
      priority: "P2",
      condition: "a notice was sent more than 15 min after its event",
      metric: saleMetric("notice.delay", "notifier", "p95", minuteSeconds),
      above: longestDelayMs,
      datapoints: 3,
      silence: "fine",
    },
    {
      heading: "NoticesUnknown",
      priority: "P2",
      condition: "notices may have been sent or not: the mail provider gave no answer, or the notifier ended while it sent them",
      metric: saleMetric("notice.unknown", "notifier", "Sum", minuteSeconds),
      above: 0,
      datapoints: 1,
      silence: "fine",
    },
    {
      heading: "MailBounceRateHigh",
      priority: "P2",
      condition: "more than 3 % of mails bounce; Amazon SES reviews an account at 5 %",
      metric: ofSes("Reputation.BounceRate"),
      above: highBounceRate,
      datapoints: 1,
      silence: "fine",
    },
    {
      heading: "MailComplaintRateHigh",
      priority: "P1",
      condition: "more than 0.05 % of mails are marked as unwanted; Amazon SES reviews an account at 0.1 %",
      metric: ofSes("Reputation.ComplaintRate"),
      above: highComplaintRate,
      datapoints: 1,
      silence: "fine",
      slowBecause: "SES reports a rate over days, and no sale depends on it",
    },
  ]
}
