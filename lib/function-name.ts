import { deployedFunctionName } from "../core/contracts/ops.ts"
import type { FunctionName, StageConfig } from "./config.ts"

/** A deployed function's name. */
export const functionNameOf = (stage: Pick<StageConfig, "name">, folder: FunctionName): string =>
  deployedFunctionName(stage.name, folder)
