import { Stack, type StackProps } from "aws-cdk-lib"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { Network } from "../constructs/network.ts"

export interface NetworkStackProps extends StackProps {
  readonly stage: StageConfig
}

/** Three zones. Everything is closed until a resource is connected. */
export class NetworkStack extends Stack {
  readonly network: Network

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props)
    this.network = new Network(this, "Network", { stage: props.stage })
  }
}
