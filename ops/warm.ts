import { setTimeout as delay } from "node:timers/promises"
import {
  GetFunctionScalingConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  type GetProvisionedConcurrencyConfigCommandOutput,
  LambdaClient,
  ProvisionedConcurrencyConfigNotFoundException,
} from "@aws-sdk/client-lambda"
import { type WarmTarget, warmTargets } from "../lib/capacity/warm-targets.ts"
import type { StageConfig } from "../lib/config.ts"
import { stageNamed } from "../lib/stages.ts"
import type { Ask } from "./client.ts"

export interface WarmOptions {
  /** For how long the environments stay without a sale that needs them. */
  readonly minutes: number
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
 * Asks the warmer of a stage for warm environments, and waits for them. AWS counts an environment as ready when its
 * initialisation has ended: it has warmed up and is connected then. The warmer releases them when the time is over and no sale
 * needs them.
 *
 * @param ask asks the stage @param show gets the state after each look
 * @throws Error for an unknown stage, when the stage or AWS refuses, or when environments are not ready in time
 */
export async function warmStage(
  stageName: string,
  { minutes, intervalMs, withinMs }: WarmOptions,
  ask: Ask,
  show: (warmth: readonly Warmth[]) => void,
): Promise<void> {
  const stage = stageNamed(stageName)
  const client = new LambdaClient({ region: stage.region })
  const targets = warmTargets(stage)
  if (targets.length === 0) throw new Error(`Stage ${stageName} has no warm environments: its config asks for none`)
  await ask({ command: "warm", minutes })
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

/** Nobody has asked for environments of the alias yet. @throws every other error */
function noneAsked(error: unknown): GetProvisionedConcurrencyConfigCommandOutput {
  if (error instanceof ProvisionedConcurrencyConfigNotFoundException) return { $metadata: {} }
  throw error
}

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
  } = await client.send(new GetProvisionedConcurrencyConfigCommand(named)).catch(noneAsked)
  if (Status === "FAILED") throw new Error(`AWS cannot warm ${functionName}: ${StatusReason ?? "it gives no reason"}`)
  return { function: functionName, ready: AvailableProvisionedConcurrentExecutions, asked: environments }
}
