import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import type { AlarmDefinition } from "./definition.ts"
import { across, awsMetric, minuteSeconds } from "./metric-spec.ts"

/** Cognito refuses a sign-in whose trigger fails, is throttled, or does not answer within five seconds. */
export function signInAlarms(stage: StageConfig): AlarmDefinition[] {
  const trigger = { FunctionName: functionNameOf(stage, "token-claims") }
  return [
    {
      heading: "SignInTriggerFailing",
      priority: "P1",
      condition: "the trigger of the user pool failed or was throttled: those shoppers cannot sign in",
      metric: across(
        "SUM",
        ["Errors", "Throttles"].map((name) => awsMetric("AWS/Lambda", name, trigger, "Sum")),
        minuteSeconds,
      ),
      above: 0,
      datapoints: 1,
      silence: "fine",
      slowBecause: "Lambda reports failed calls once a minute, and people sign in from an hour before the opening on",
    },
  ]
}
