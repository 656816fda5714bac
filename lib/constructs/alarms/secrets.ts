import type { StageConfig } from "../../config.ts"
import { type AlarmDefinition, awsMetric, functionNameOf } from "./definition.ts"

/** Do secrets change when they should? An old one is still valid: nothing stands still for it. */
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
