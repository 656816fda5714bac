import { Tags } from "aws-cdk-lib"
import type { IConstruct } from "constructs"
import type { StageConfig } from "../config.ts"

/** Tags every resource with project and stage: for reports of costs, for permissions and to find leftovers. */
export function tagStage(scope: IConstruct, { name }: Pick<StageConfig, "name">): void {
  Tags.of(scope).add("project", "flash-sale")
  Tags.of(scope).add("stage", name)
}

/** The same tags, for a resource of CDK's that takes none by itself. */
export const tagsOf = ({ name }: Pick<StageConfig, "name">) => [
  { Key: "project", Value: "flash-sale" },
  { Key: "stage", Value: name },
]
