import { ArnFormat, Stack } from "aws-cdk-lib"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import { type WarmthConfig, warmerVariable } from "../../core/contracts/warmth.ts"
import { type WarmTarget, warmTargets } from "../capacity/warm-targets.ts"
import type { StageConfig } from "../config.ts"
import type { FailedSchedules } from "./failed-schedules.ts"
import type { SaleFunction } from "./sale-function.ts"
import { MinuteSchedule } from "./schedules.ts"
import { warmWindows } from "./warm-windows.ts"

export interface WarmerProps {
  readonly stage: StageConfig
  readonly warmer: SaleFunction
  /** Functions whose commands change what the warmer looks at: they ask it to look at once. */
  readonly callers: readonly SaleFunction[]
  readonly failures: FailedSchedules
}

/**
 * Keeps environments warm around sales: a function looks every minute at the sales of PostgreSQL and at the calendar of the
 * config, and asks AWS for the number of environments that they need. A schedule for each sale of the calendar would not know
 * of a sale that an operator opens, extends or moves.
 */
export class Warmer extends Construct {
  constructor(scope: Construct, id: string, { stage, warmer, callers, failures }: WarmerProps) {
    super(scope, id)
    const targets = warmTargets(stage)
    // A stage without warm environments has the function, so that all stages have the same parts, and nothing starts it.
    if (targets.length === 0) return
    const config: WarmthConfig = {
      targets: targets.map(({ folder: _, ...target }) => target),
      windows: warmWindows(stage),
      ...stage.warmUp,
    }
    warmer.addEnvironment("WARMTH", JSON.stringify(config))
    this.#allow(warmer, targets)
    for (const caller of callers) {
      caller.addEnvironment(warmerVariable, warmer.function.functionName)
      caller.role.addToPolicy(
        new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [warmer.function.functionArn] }),
      )
    }
    new MinuteSchedule(this, "Look", { function: warmer, description: "Warm environments follow the sales", failures })
  }

  /** The warmer changes the number of environments, and nothing else of a function. */
  #allow(warmer: SaleFunction, targets: readonly WarmTarget[]): void {
    const arns = (chosen: readonly WarmTarget[]) =>
      chosen.flatMap(({ functionName, qualifier }) =>
        [functionName, `${functionName}:${qualifier}`].map((resourceName) =>
          Stack.of(this).formatArn({
            ...{ service: "lambda", resource: "function", resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME },
          }),
        ),
      )
    const onInstances = targets.filter(({ maximum }) => maximum !== undefined)
    const provisioned = targets.filter(({ maximum }) => maximum === undefined)
    const allow = (actions: string[], chosen: readonly WarmTarget[]) => {
      if (chosen.length > 0) warmer.role.addToPolicy(new PolicyStatement({ actions, resources: arns(chosen) }))
    }
    allow(["lambda:GetFunctionScalingConfig", "lambda:PutFunctionScalingConfig"], onInstances)
    allow(
      [
        "lambda:DeleteProvisionedConcurrencyConfig",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:PutProvisionedConcurrencyConfig",
      ],
      provisioned,
    )
  }
}
