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

const database = join(dirname(fileURLToPath(import.meta.url)), "../../core/database")

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

/**
 * Changes only with a migration, an SQL function, a role, the table of topics or the generation of the requests; then the
 * provisioner runs again.
 */
export function schemaFingerprint(generation: number): string {
  const hash = createHash("sha256").update(JSON.stringify(topics))
  if (generation > 1) hash.update(String(generation))
  for (const file of readdirSync(database, { recursive: true, encoding: "utf8" }).sort()) {
    if (file.endsWith(".sql")) hash.update(file).update(readFileSync(join(database, file)))
  }
  return hash.digest("hex").slice(0, 16)
}
