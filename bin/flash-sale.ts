import { App, Validations } from "aws-cdk-lib"
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from "aws-cdk-lib/cx-api"
import { AwsSolutionsChecks } from "cdk-nag"
import { FlashSale } from "../lib/flash-sale.ts"
import { findingText } from "../lib/guardrails/finding.ts"
import { salesAreToCome } from "../lib/guardrails/sale.ts"
import { stageNamed, stages } from "../lib/stages.ts"

// Only this file reads the environment of the synth. STAGE selects one stage, else all; the account is the one to deploy to.
const { STAGE, CDK_DEFAULT_ACCOUNT } = process.env
const chosen = STAGE === undefined ? Object.values(stages) : [stageNamed(STAGE)]

const app = new App()
// The CLI checks findings only in stacks outside of CDK stages, and all of ours are inside. So this program checks them.
app.node.setContext(FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT, true)
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
for (const stage of chosen) {
  for (const finding of salesAreToCome(Date.now())(stage)) console.warn(findingText(stage.name, finding))
  new FlashSale(app, { ...stage, ...(CDK_DEFAULT_ACCOUNT !== undefined && { account: CDK_DEFAULT_ACCOUNT }) })
}
