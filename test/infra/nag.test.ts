import { Validations } from "aws-cdk-lib"
import { AwsSolutionsChecks } from "cdk-nag"
import { describe, expect, test } from "vitest"
import type { StageConfig } from "../../lib/config.ts"
import { stages } from "../../lib/stages.ts"
import { prodInOneRegion } from "./stage-edits.ts"
import { stageConfigs, wholeSale } from "./whole-sale.ts"

/** The stages, and variants with switches that no stage has on. */
const variants: [string, StageConfig][] = [
  ...stageConfigs.map((config): [string, StageConfig] => [config.name, config]),
  ["prod with SCRAM", { ...prodInOneRegion, kafka: { ...stages.prod.kafka, auth: "scram" } }],
  ["prod with Shield Advanced", { ...stages.prod, edge: { ...stages.prod.edge, shieldAdvanced: true } }],
]

describe.each(variants)("%s", (_name, config) => {
  const { app } = wholeSale(config)

  test("cdk-nag finds nothing that is not acknowledged", () => {
    const { violations } = new AwsSolutionsChecks(app).validateScope(app)
    const findings = violations.flatMap(({ ruleName, violatingResources = [] }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    )
    expect(findings).toEqual([])
  })

  test("every acknowledgement gives a reason in a sentence", () => {
    const reasons = app.node
      .findAll()
      .flatMap((construct) => construct.node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
    expect(reasons.length).toBeGreaterThan(0)
    for (const [rule, reason] of reasons) expect(reason.split(" ").length, `${rule}: ${reason}`).toBeGreaterThan(4)
  })
})
