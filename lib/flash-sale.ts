import { Stage } from "aws-cdk-lib"
import type { Construct } from "constructs"
import type { StageConfig } from "./config.ts"
import { tagStage } from "./constructs/tags.ts"
import { assertGuardrails } from "./guardrails/guardrails.ts"
import { DataStack } from "./stacks/data.ts"
import { IdentityStack } from "./stacks/identity.ts"
import { NetworkStack } from "./stacks/network.ts"

/**
 * The flash sale, as one stage of it is deployed.
 * @throws Error when the stage cannot carry what it declares
 */
export class FlashSale extends Stage {
  constructor(scope: Construct, stage: StageConfig) {
    assertGuardrails(stage)
    const { region, account } = stage
    super(scope, stage.name, { env: { region, ...(account !== undefined && { account }) } })
    const named = (name: string) => ({ stage, stackName: `flash-sale-${stage.name}-${name}` })

    const { network } = new NetworkStack(this, "Network", named("network"))
    new DataStack(this, "Data", { ...named("data"), network })
    new IdentityStack(this, "Identity", named("identity"))

    tagStage(this, stage)
  }
}
