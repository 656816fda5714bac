import { liveAlias } from "../../core/contracts/ops.ts"
import type { FunctionConfig, FunctionName, StageConfig } from "../config.ts"
import { functionNameOf, isOnInstances } from "../function-name.ts"

/** A function whose environments start before a sale. */
export interface WarmTarget {
  /** Its folder in `lambdas/`. */
  readonly folder: FunctionName
  readonly functionName: string
  readonly qualifier: string
  readonly environments: number
  /** On managed instances: the most that Lambda may start. */
  readonly maximum?: number
  /** Environments that stay ready between sales. */
  readonly idle: number
}

/** Of a function on managed instances: one in each zone. */
export const idleEnvironments = 3

/** The version of a function on managed instances that serves. */
export const latestPublished = "$LATEST.PUBLISHED"

/** The folders of the functions that have warm environments in a sale. */
export const warmFolders = (stage: StageConfig): FunctionName[] =>
  (Object.entries(stage.functions) as [FunctionName, FunctionConfig][]).flatMap(([folder, { provisionedConcurrency }]) =>
    provisionedConcurrency !== undefined || isOnInstances(stage, folder) ? [folder] : [],
  )

/** The functions of a stage that have warm environments in a sale, and how many. */
export const warmTargets = (stage: StageConfig): WarmTarget[] =>
  warmFolders(stage).map((folder) => {
    const functionName = functionNameOf(stage, folder)
    const { reserve } = stage
    if (reserve.kind === "managed-instances" && folder === "reserve") {
      const { minimumEnvironments: environments, maximumEnvironments: maximum } = reserve
      return { folder, functionName, qualifier: latestPublished, environments, maximum, idle: idleEnvironments }
    }
    return {
      folder,
      functionName,
      qualifier: liveAlias,
      environments: stage.functions[folder].provisionedConcurrency ?? 0,
      idle: 0,
    }
  })
