import { ArnFormat, Stack } from "aws-cdk-lib"
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import { deployedFunctionName, logGroupOf } from "../../core/contracts/ops.ts"
import { warmTargets } from "../capacity/warm-targets.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import { acknowledgeWildcard } from "./acknowledge.ts"
import type { SaleFunction } from "./sale-function.ts"

/** What `ops warm` does: it asks for warm environments, and looks whether they are ready. */
const warmActions = [
  ...["lambda:PutProvisionedConcurrencyConfig", "lambda:GetProvisionedConcurrencyConfig"],
  ...["lambda:PutFunctionScalingConfig", "lambda:GetFunctionScalingConfig"],
]

/** What `ops preflight` reads of the account. It names quotas, mappings, groups and secrets, and no secret's value. */
const preflightActions = [
  ...["servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:ListServiceQuotas"],
  ...["lambda:GetAccountSettings", "lambda:ListEventSourceMappings", "ses:GetAccount"],
  ...["cognito-idp:ListUserPools", "cognito-idp:ListGroups", "secretsmanager:ListSecrets"],
]

export interface OperatorsProps {
  readonly stage: StageConfig
  /** The functions that carry out commands. */
  readonly invoked: readonly SaleFunction[]
  readonly api: readonly SaleFunction[]
}

/**
 * The policy of operators: it lets them run the CLI against a stage, in a session with a second factor. It allows to invoke the
 * functions of their commands, whose rights are in their own roles and whose actions are in their logs; to start the warm
 * environments of the API; and to read the logs of the stage's functions and its metrics.
 */
export class Operators extends Construct {
  readonly policy: ManagedPolicy

  constructor(scope: Construct, id: string, { stage, invoked, api }: OperatorsProps) {
    super(scope, id)
    const logGroups = Stack.of(this).formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: `${logGroupOf(deployedFunctionName(stage.name, "*"))}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    const conditions = { Bool: { "aws:MultiFactorAuthPresent": "true" } }
    const warmed = warmTargets(stage).flatMap(({ functionName, qualifier }) => {
      const arn = api.find(({ name }) => functionNameOf(stage, name) === functionName)?.function.functionArn
      return arn === undefined ? [] : [arn, `${arn}:${qualifier}`]
    })
    this.policy = new ManagedPolicy(this, "Policy", {
      managedPolicyName: `flash-sale-${stage.name}-operators`,
      description: `May run the operators' commands in stage ${stage.name}`,
      statements: [
        new PolicyStatement({
          actions: ["lambda:InvokeFunction"],
          resources: invoked.map(({ function: { functionArn } }) => functionArn),
          conditions,
        }),
        // Log lines hold no token and no personal data: core/adapters/log-lines.ts.
        new PolicyStatement({ actions: ["logs:FilterLogEvents"], resources: [logGroups], conditions }),
        new PolicyStatement({ actions: ["cloudwatch:GetMetricData"], resources: ["*"], conditions }),
        new PolicyStatement({ actions: preflightActions, resources: ["*"], conditions }),
        ...(warmed.length > 0 ? [new PolicyStatement({ actions: warmActions, resources: warmed, conditions })] : []),
      ],
    })
    acknowledgeWildcard(this.policy, logGroups, "Every function of the stage has a log group, and operators read them all.")
    acknowledgeWildcard(this.policy, "*", "AWS knows no resources for these lists; each only reads.")
  }
}
