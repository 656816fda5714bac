import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import type { AlarmDefinition } from "./definition.ts"
import { awsMetric } from "./metric-spec.ts"

/** Alarms on the rotation of secrets. The old secret stays valid: a failed rotation stops nothing. */
export const secretAlarms = (stage: StageConfig): AlarmDefinition[] => [
  {
    heading: "SecretRotationFailed",
    priority: "P2",
    condition: "a step of a secret's rotation failed, or was refused because a sale is near",
    metric: awsMetric("AWS/Lambda", "Errors", { FunctionName: functionNameOf(stage, "secret-rotation") }, "Sum"),
    above: 0,
    datapoints: 1,
    silence: "fine",
  },
]
