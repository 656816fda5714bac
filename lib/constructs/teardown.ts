import { CfnResource, type IAspect, Stack } from "aws-cdk-lib"
import { CfnRole } from "aws-cdk-lib/aws-iam"
import { CfnKey } from "aws-cdk-lib/aws-kms"
import type { IConstruct } from "constructs"
import type { StageConfig } from "../config.ts"
import { removalPolicyOf } from "./retention.ts"
import { tagsOf } from "./tags.ts"

/** KMS deletes no key at once; this is its shortest wait (docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html). */
const keyDeletionDays = 7

/**
 * What data cannot do without, though it holds none: AWS refuses to delete a network, a group of subnets or a security group that
 * a kept database or cluster is in, and the deletion of the stack would fail. Tokens name the clients of a kept user pool.
 */
const neededByData: readonly { readonly type: string; readonly path: RegExp }[] = [
  { type: "AWS::EC2::VPC", path: /./ },
  { type: "AWS::EC2::Subnet", path: /\/dataSubnet\d+\// },
  { type: "AWS::EC2::SecurityGroup", path: /\/(Database|Brokers|Replica|Standby)SecurityGroup\// },
  { type: "AWS::RDS::DBSubnetGroup", path: /./ },
  { type: "AWS::MSK::Configuration", path: /./ },
  // The logins that RDS and the roles have; the other secrets are kept by their own constructs.
  { type: "AWS::SecretsManager::Secret", path: /./ },
  { type: "AWS::Cognito::UserPoolClient", path: /./ },
  { type: "AWS::Cognito::UserPoolGroup", path: /./ },
  { type: "AWS::Cognito::UserPoolResourceServer", path: /./ },
]

/** The function that empties buckets and its role, in each stack with a bucket that goes. */
const emptier = /S3AutoDeleteObjectsCustomResourceProvider\/(Handler|Role)$/
const basicExecution = "AWSLambdaBasicExecutionRole"

/**
 * Makes the deletion of a stage complete. A stage that keeps its data keeps what this data needs, too. Of a stage that goes, no
 * key waits longer than it must, and no log group comes back: a function writes its last lines after its log group is deleted,
 * and with CDK's usual rights Lambda would make the group again, with no end of retention and outside of every stack.
 */
export class Teardown implements IAspect {
  readonly #stage: StageConfig

  constructor(stage: StageConfig) {
    this.#stage = stage
  }

  visit(node: IConstruct): void {
    if (!(node instanceof CfnResource)) return
    const { path } = node.node
    if (emptier.test(path)) {
      // It writes no log: its errors are in the events of the stack.
      if (path.endsWith("/Role")) node.addPropertyOverride("ManagedPolicyArns", [])
      node.addPropertyOverride("Tags", tagsOf(this.#stage))
    } else if (node instanceof CfnRole) {
      this.#makeNoLogGroups(node)
    }
    const isNeeded = neededByData.some((needed) => node.cfnResourceType === needed.type && needed.path.test(path))
    if (this.#stage.retainData && isNeeded) node.applyRemovalPolicy(removalPolicyOf(this.#stage))
    if (!this.#stage.retainData && node instanceof CfnKey) node.pendingWindowInDays = keyDeletionDays
  }

  #makeNoLogGroups(role: CfnRole): void {
    const stack = Stack.of(role)
    if (!JSON.stringify(stack.resolve(role.managedPolicyArns) ?? []).includes(basicExecution)) return
    const policies: unknown[] = stack.resolve(role.policies) ?? []
    const statement = { Effect: "Deny", Action: "logs:CreateLogGroup", Resource: "*" }
    const policyDocument = { Version: "2012-10-17", Statement: [statement] }
    role.policies = [...(policies as CfnRole.PolicyProperty[]), { policyName: "NoLogGroupComesBack", policyDocument }]
  }
}
