import { Stack, type StackProps } from "aws-cdk-lib"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { Shoppers } from "../constructs/shoppers.ts"
import { TokenClaims } from "../constructs/token-claims.ts"

export interface IdentityStackProps extends StackProps {
  readonly stage: StageConfig
}

/** The users and their rights. */
export class IdentityStack extends Stack {
  readonly shoppers: Shoppers

  constructor(scope: Construct, id: string, props: IdentityStackProps) {
    super(scope, id, props)
    const { stage } = props
    this.shoppers = new Shoppers(this, "Shoppers", { stage })
    new TokenClaims(this, "TokenClaims", { stage, pool: this.shoppers.pool })
  }
}
