import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { CustomResource, Validations } from "aws-cdk-lib"
import type { IFunction } from "aws-cdk-lib/aws-lambda"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { Provider } from "aws-cdk-lib/custom-resources"
import { Construct } from "constructs"
import { topics } from "../../core/contracts/topics.ts"
import type { StageConfig } from "../config.ts"
import { acknowledgeWildcard } from "./acknowledge.ts"
import { removalPolicyOf } from "./retention.ts"
import type { SaleFunction } from "./sale-function.ts"

const migrations = join(dirname(fileURLToPath(import.meta.url)), "../../core/migrations")

export interface AnsweredByProps {
  readonly stage: StageConfig
  readonly function: SaleFunction
  readonly properties: Readonly<Record<string, unknown>>
}

/** A step of the deployment that one of our functions runs. CloudFormation waits for it, and fails if it fails. */
export class DeploymentStep extends Construct {
  readonly resource: CustomResource

  constructor(scope: Construct, id: string, { stage, function: step, properties }: AnsweredByProps) {
    super(scope, id)
    const provider = new Provider(this, "Provider", {
      onEventHandler: step.function as IFunction,
      logGroup: new LogGroup(this, "Logs", { retention: stage.logRetentionDays, removalPolicy: removalPolicyOf(stage) }),
    })
    Validations.of(provider).acknowledge({
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
      reason: "CDK's framework function writes its log with the policy that AWS made for that.",
    })
    acknowledgeWildcard(
      provider,
      `${step.function.functionArn}:*`,
      "CDK's framework may invoke this one function, in any version.",
    )
    this.resource = new CustomResource(this, "Step", { serviceToken: provider.serviceToken, properties })
    // The function's rights must be in place before CloudFormation invokes it.
    this.resource.node.addDependency(step)
  }
}

/** Changes only with a migration or the table of topics; then the provisioner runs again. */
export function schemaFingerprint(): string {
  const hash = createHash("sha256").update(JSON.stringify(topics))
  for (const file of readdirSync(migrations).sort()) hash.update(file).update(readFileSync(join(migrations, file)))
  return hash.digest("hex").slice(0, 16)
}
