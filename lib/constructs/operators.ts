import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import type { SaleFunction } from "./sale-function.ts"

/**
 * The policy of operators: it lets them run the CLI against a stage, in a session with a second factor. It allows one action: to
 * invoke one function. The rights of that function are in its own role, and its actions are in its log.
 */
export class Operators extends Construct {
  readonly policy: ManagedPolicy

  constructor(scope: Construct, id: string, { stage, ops }: { readonly stage: StageConfig; readonly ops: SaleFunction }) {
    super(scope, id)
    this.policy = new ManagedPolicy(this, "Policy", {
      managedPolicyName: `flash-sale-${stage.name}-operators`,
      description: `May run the operators' commands in stage ${stage.name}`,
      statements: [
        new PolicyStatement({
          actions: ["lambda:InvokeFunction"],
          resources: [ops.function.functionArn],
          conditions: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
        }),
      ],
    })
  }
}
