import * as iam from "aws-cdk-lib/aws-iam"
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler"
import { Construct } from "constructs"
import { latestPublished, liveAlias, type WarmTarget, warmTargets } from "../capacity/warm-targets.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import { idleEnvironments } from "./managed-instances.ts"
import type { SaleFunction } from "./sale-function.ts"
import { type WarmWindow, warmWindows } from "./warm-windows.ts"

/** The role of the scheduler. Each schedule adds the one action that it needs. */
const schedulerRole = (scope: Construct, description: string): iam.Role =>
  new iam.Role(scope, "Role", { assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com"), description })

const exactly = { mode: "OFF" } as const

export interface MinuteScheduleProps {
  readonly function: SaleFunction
  /** What a start does, in a few words. */
  readonly description: string
  /** Minutes between two starts. */
  readonly minutes?: number
}

/** Starts a function every minute. A failed start is not retried: the next start comes before a retry would help. */
export class MinuteSchedule extends Construct {
  constructor(scope: Construct, id: string, { function: started, description, minutes = 1 }: MinuteScheduleProps) {
    super(scope, id)
    const role = schedulerRole(this, `Starts ${started.name}`)
    role.addToPolicy(new iam.PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [started.target.functionArn] }))
    new CfnSchedule(this, "Schedule", {
      description,
      scheduleExpression: minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`,
      flexibleTimeWindow: exactly,
      target: {
        arn: started.target.functionArn,
        roleArn: role.roleArn,
        input: "{}",
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    })
  }
}

interface WarmCall {
  readonly action: "putProvisionedConcurrencyConfig" | "deleteProvisionedConcurrencyConfig" | "putFunctionScalingConfig"
  readonly input: Readonly<Record<string, unknown>>
}

/** Warms environments before a sale opens and releases them after its last hold, as the sale calendar says. */
export class WarmSchedules extends Construct {
  readonly #role: iam.Role

  constructor(
    scope: Construct,
    id: string,
    { stage, functions }: { readonly stage: StageConfig; readonly functions: readonly SaleFunction[] },
  ) {
    super(scope, id)
    this.#role = schedulerRole(this, "Warms functions before a sale and lets them go after it")
    const windows = warmWindows(stage)
    const wanted = new Map(warmTargets(stage).map((one) => [one.functionName, one]))
    for (const target of functions) {
      const warm = wanted.get(functionNameOf(stage, target.name))
      if (warm !== undefined) this.#warm(target, warm, windows)
    }
  }

  #warm(target: SaleFunction, { environments, maximum }: WarmTarget, windows: readonly WarmWindow[]): void {
    const { name } = target
    if (maximum !== undefined) {
      const scaling = (MinExecutionEnvironments: number): WarmCall => ({
        action: "putFunctionScalingConfig",
        input: {
          FunctionName: target.function.functionName,
          Qualifier: latestPublished,
          FunctionScalingConfig: { MinExecutionEnvironments, MaxExecutionEnvironments: maximum },
        },
      })
      this.#allow(target, ["lambda:PutFunctionScalingConfig"], `${target.function.functionArn}:${latestPublished}`)
      this.#calls(name, windows, scaling(environments), scaling(idleEnvironments))
    } else if (target.alias !== undefined) {
      const alias = { FunctionName: target.function.functionName, Qualifier: liveAlias }
      this.#allow(
        target,
        ["lambda:PutProvisionedConcurrencyConfig", "lambda:DeleteProvisionedConcurrencyConfig"],
        target.alias.functionArn,
      )
      this.#calls(
        name,
        windows,
        {
          action: "putProvisionedConcurrencyConfig",
          input: { ...alias, ProvisionedConcurrentExecutions: environments },
        },
        { action: "deleteProvisionedConcurrencyConfig", input: alias },
      )
    }
  }

  #allow(target: SaleFunction, actions: string[], qualifiedArn: string): void {
    this.#role.addToPolicy(new iam.PolicyStatement({ actions, resources: [target.function.functionArn, qualifiedArn] }))
  }

  #calls(name: string, windows: readonly WarmWindow[], warm: WarmCall, cool: WarmCall): void {
    for (const [index, { fromMs, untilMs }] of windows.entries()) {
      this.#once(`${name}-warm-${index}`, fromMs, warm)
      this.#once(`${name}-cool-${index}`, untilMs, cool)
    }
  }

  #once(id: string, atMs: number, { action, input }: WarmCall): void {
    new CfnSchedule(this, id, {
      scheduleExpression: `at(${new Date(atMs).toISOString().slice(0, 19)})`,
      scheduleExpressionTimezone: "UTC",
      flexibleTimeWindow: exactly,
      target: {
        arn: `arn:aws:scheduler:::aws-sdk:lambda:${action}`,
        roleArn: this.#role.roleArn,
        input: JSON.stringify(input),
        retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 3_600 },
      },
    })
  }
}
