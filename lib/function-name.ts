import type { FunctionName, StageConfig } from "./config.ts"

/** A deployed function's name. */
export const functionNameOf = (stage: Pick<StageConfig, "name">, folder: FunctionName): string =>
  `flash-sale-${stage.name}-${folder}`
