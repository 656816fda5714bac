import type { StageConfig, StageName } from "./config.ts"
import { dev } from "./stages/dev.ts"
import { load } from "./stages/load.ts"
import { prod } from "./stages/prod.ts"
import { trial } from "./stages/try.ts"

export const stages: Readonly<Record<StageName, StageConfig>> = { try: trial, dev, load, prod }

/** The config of a stage. @throws Error that lists the stages */
export function stageNamed(name: string): StageConfig {
  const stage = Object.values(stages).find((candidate) => candidate.name === name)
  if (stage === undefined) throw new Error(`There is no stage "${name}". Stages: ${Object.keys(stages).join(", ")}.`)
  return stage
}
