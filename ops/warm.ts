import { setTimeout as delay } from "node:timers/promises"
import {
  GetFunctionScalingConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
  PutFunctionScalingConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
} from "@aws-sdk/client-lambda"
import { type WarmTarget, warmTargets } from "../lib/capacity/warm-targets.ts"
import type { StageConfig } from "../lib/config.ts"
import { stageNamed } from "../lib/stages.ts"

export interface WarmOptions {
  /** Pause between two looks at AWS. */
  readonly intervalMs: number
  /** How long the environments may take. */
  readonly withinMs: number
}

/** How many environments of a function have warmed up. */
export interface Warmth {
  readonly function: string
  readonly ready: number
  readonly asked: number
}

/**
 * Asks AWS for warm environments of a stage's functions, as the sale calendar does before a sale, and waits for them. AWS
 * counts an environment as ready when its initialisation has ended, and that is the end of its warm-up. The sale calendar
 * releases them.
 *
 * @param show gets the state after each look
 * @throws Error for an unknown stage, when AWS refuses, or when environments are not ready in time
 */
export async function warmStage(
  stageName: string,
  { intervalMs, withinMs }: WarmOptions,
  show: (warmth: readonly Warmth[]) => void,
): Promise<void> {
  const stage = stageNamed(stageName)
  const client = new LambdaClient({ region: stage.region })
  const targets = warmTargets(stage)
  if (targets.length === 0) throw new Error(`Stage ${stageName} has no warm environments: its config asks for none`)
  await Promise.all(targets.map((target) => ask(client, target)))
  const endsAtMs = performance.now() + withinMs
  for (;;) {
    const warmth = await Promise.all(targets.map((target) => lookAt(client, target)))
    show(warmth)
    const cold = warmth.filter(({ ready, asked }) => ready < asked)
    if (cold.length === 0) return
    if (performance.now() >= endsAtMs) {
      throw new Error(`These functions are not warm after ${withinMs / 1_000} s: ${cold.map((each) => each.function).join(", ")}`)
    }
    await delay(intervalMs)
  }
}

/** How many environments of a stage's functions have warmed up now. It asks for none. @throws Error when AWS refuses */
export async function warmthOf(stage: StageConfig): Promise<Warmth[]> {
  const client = new LambdaClient({ region: stage.region })
  return Promise.all(warmTargets(stage).map((target) => lookAt(client, target)))
}

const ask = (client: LambdaClient, { functionName, qualifier, environments, maximum }: WarmTarget): Promise<unknown> =>
  maximum === undefined
    ? client.send(
        new PutProvisionedConcurrencyConfigCommand({
          FunctionName: functionName,
          Qualifier: qualifier,
          ProvisionedConcurrentExecutions: environments,
        }),
      )
    : client.send(
        new PutFunctionScalingConfigCommand({
          FunctionName: functionName,
          Qualifier: qualifier,
          FunctionScalingConfig: { MinExecutionEnvironments: environments, MaxExecutionEnvironments: maximum },
        }),
      )

async function lookAt(client: LambdaClient, target: WarmTarget): Promise<Warmth> {
  const { functionName, qualifier, environments } = target
  const named = { FunctionName: functionName, Qualifier: qualifier }
  if (target.maximum !== undefined) {
    const { AppliedFunctionScalingConfig } = await client.send(new GetFunctionScalingConfigCommand(named))
    return { function: functionName, ready: AppliedFunctionScalingConfig?.MinExecutionEnvironments ?? 0, asked: environments }
  }
  const {
    Status,
    StatusReason,
    AvailableProvisionedConcurrentExecutions = 0,
  } = await client.send(new GetProvisionedConcurrencyConfigCommand(named))
  if (Status === "FAILED") throw new Error(`AWS cannot warm ${functionName}: ${StatusReason ?? "it gives no reason"}`)
  return { function: functionName, ready: AvailableProvisionedConcurrentExecutions, asked: environments }
}
