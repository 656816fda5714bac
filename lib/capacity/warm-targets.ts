import type { FunctionConfig, FunctionName, StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"

/** A function whose environments start before a sale. */
export interface WarmTarget {
  readonly functionName: string
  readonly qualifier: string
  readonly environments: number
  /** On managed instances: the most that Lambda may start. */
  readonly maximum?: number
}

/** The alias that API Gateway invokes. */
export const liveAlias = "live"
/** The version of a function on managed instances that serves. */
export const latestPublished = "$LATEST.PUBLISHED"

/** The functions of a stage that have warm environments in a sale, and how many. */
export function warmTargets(stage: StageConfig): WarmTarget[] {
  const { functions, reserve } = stage
  const nameOf = (folder: FunctionName) => functionNameOf(stage, folder)
  const provisioned = (Object.entries(functions) as [FunctionName, FunctionConfig][]).flatMap(
    ([folder, { provisionedConcurrency }]): WarmTarget[] =>
      provisionedConcurrency === undefined || (folder === "reserve" && reserve.kind === "managed-instances")
        ? []
        : [{ functionName: nameOf(folder), qualifier: liveAlias, environments: provisionedConcurrency }],
  )
  if (reserve.kind === "functions") return provisioned
  const onInstances: WarmTarget = {
    functionName: nameOf("reserve"),
    qualifier: latestPublished,
    environments: reserve.minimumEnvironments,
    maximum: reserve.maximumEnvironments,
  }
  return [onInstances, ...provisioned]
}
