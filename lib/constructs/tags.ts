import { Tags } from "aws-cdk-lib"
import type { IConstruct } from "constructs"
import type { StageConfig } from "../config.ts"

/** Says of every resource what it belongs to: costs, permissions and leftovers are found by it. */
export function tagStage(scope: IConstruct, { name }: Pick<StageConfig, "name">): void {
  Tags.of(scope).add("project", "flash-sale")
  Tags.of(scope).add("stage", name)
}
