import { drillHeading } from "../../core/contracts/pages.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import { type AlarmDefinition, priorities } from "./definition.ts"
import { awsMetric } from "./metric-spec.ts"

/**
 * An alarm of each priority that is never in alarm by itself. `npm run ops -- alarms test` puts it into alarm, and CloudWatch
 * ends that with its next evaluation: so a test goes the whole way of a page and its end, and touches no real alarm.
 */
export const drillAlarms = (stage: StageConfig): readonly AlarmDefinition[] =>
  priorities.map((priority) => ({
    heading: drillHeading,
    variant: priority,
    priority,
    condition: "a test of the way of a page, which an operator began; there is nothing to do",
    metric: awsMetric("AWS/Lambda", "Invocations", { FunctionName: functionNameOf(stage, "expiry-sweeper") }, "Sum"),
    below: 0,
    datapoints: 1,
    silence: "fine",
    ...(priority !== "P2" && { slowBecause: "it watches no fault: an operator puts it into alarm" }),
  }))

/** The alarm on the pager itself. Its mail comes from the topic, and does not need the pager. */
export const pagerAlarms = (stage: StageConfig): readonly AlarmDefinition[] => [
  {
    heading: "PagerFailing",
    priority: "P1",
    condition: "the pager could not deliver a page: the pager service refused it, or did not answer for a minute",
    metric: awsMetric("AWS/Lambda", "Errors", { FunctionName: functionNameOf(stage, "pager") }, "Sum"),
    above: 0,
    datapoints: 1,
    silence: "fine",
    slowBecause: "Lambda reports failed calls once a minute, and the pager itself tries for a minute first",
  },
]
