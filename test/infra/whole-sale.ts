import { App } from "aws-cdk-lib"
import type { StageConfig } from "../../lib/config.ts"
import { FlashSale } from "../../lib/flash-sale.ts"
import { stages } from "../../lib/stages.ts"

/** A resource of a template. */
export interface Resource {
  readonly stack: string
  readonly id: string
  readonly Type: string
  readonly Properties: Record<string, unknown>
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
}

/** A statement of any policy. */
export interface Statement {
  readonly Effect: "Allow" | "Deny"
  readonly Action?: string | string[]
  readonly Resource?: unknown
  readonly Sid?: string
  readonly Condition?: unknown
  readonly Principal?: unknown
}

const account = "111122223333"
export const stageConfigs: readonly StageConfig[] = Object.values(stages)

/** A whole stage, synthesised as for `cdk deploy`. */
export function wholeSale(config: StageConfig) {
  const app = new App()
  const stage = new FlashSale(app, { ...config, account })
  const assembly = stage.synth()
  const templates = new Map(
    assembly.stacks.map((stack) => [stack.id, stack.template as { Resources?: Record<string, Resource> }]),
  )
  const resources = [...templates].flatMap(([stack, template]) =>
    Object.entries(template.Resources ?? {}).map(([id, resource]) => ({
      ...resource,
      stack,
      id,
      Properties: resource.Properties ?? {},
    })),
  )
  return { app, stage, templates, resources }
}

/** Every policy statement of a template, with the resource that has it. */
export function statementsOf(resources: readonly Resource[]): { resource: Resource; statement: Statement }[] {
  return resources.flatMap((resource) =>
    documentsIn(resource.Properties).flatMap(({ Statement: statements }) =>
      [statements].flat().map((statement) => ({ resource, statement })),
    ),
  )
}

interface PolicyDocument {
  readonly Statement: Statement | Statement[]
}

function documentsIn(value: unknown): PolicyDocument[] {
  if (typeof value !== "object" || value === null) return []
  if ("Statement" in value && "Version" in value) return [value as PolicyDocument]
  return Object.values(value).flatMap(documentsIn)
}
