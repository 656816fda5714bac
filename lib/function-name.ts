import { deployedFunctionName, logGroupOf } from "../core/contracts/ops.ts"
import type { FunctionName, StageConfig } from "./config.ts"

/** True for a function that the stage runs on managed instances. */
export const isOnInstances = ({ reserve }: Pick<StageConfig, "reserve">, folder: FunctionName): boolean =>
  folder === "reserve" && reserve.kind === "managed-instances"

/**
 * A deployed function's name. AWS lets nobody add a capacity provider to a function or remove it (source: AWS SAM's
 * documentation of CapacityProviderConfig, "can't be added or removed after the function resource has been created"). So the
 * two kinds have two names: a stage that switches gets the other function beside the old one, and then loses the old one.
 */
export const functionNameOf = (stage: Pick<StageConfig, "name" | "reserve">, folder: FunctionName): string =>
  deployedFunctionName(stage.name, isOnInstances(stage, folder) ? `${folder}-on-instances` : folder)

/** The log group of a function of `lambdas/`: the same for both kinds, so that a switch neither loses nor recreates it. */
export const logGroupNameOf = (stage: Pick<StageConfig, "name">, folder: FunctionName): string =>
  logGroupOf(deployedFunctionName(stage.name, folder))
