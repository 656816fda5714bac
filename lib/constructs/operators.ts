import { ArnFormat, Stack, Validations } from "aws-cdk-lib"
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import { warmTargets } from "../capacity/warm-targets.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import type { SaleFunction } from "./sale-function.ts"

/** What `ops warm` does: it asks for warm environments, and looks whether they are ready. */
const warmActions = [
  ...["lambda:PutProvisionedConcurrencyConfig", "lambda:GetProvisionedConcurrencyConfig"],
  ...["lambda:PutFunctionScalingConfig", "lambda:GetFunctionScalingConfig"],
]

/** Functions whose logs name the accounts of flagged clients, for `ops report`. */
const flaggingFunctions = ["reserve", "reserve-batch"] as const

/**
 * The policy of operators: it lets them run the CLI against a stage, in a session with a second factor. It allows to invoke one
 * function, whose rights are in its own role and whose actions are in its log; to start the warm environments of the API; and to
 * read what a report needs of metrics and logs.
 */
export class Operators extends Construct {
  readonly policy: ManagedPolicy

  constructor(
    scope: Construct,
    id: string,
    { stage, ops, api }: { readonly stage: StageConfig; readonly ops: SaleFunction; readonly api: readonly SaleFunction[] },
  ) {
    super(scope, id)
    const conditions = { Bool: { "aws:MultiFactorAuthPresent": "true" } }
    const warmed = warmTargets(stage).flatMap(({ functionName, qualifier }) => {
      const arn = api.find(({ name }) => functionNameOf(stage, name) === functionName)?.function.functionArn
      return arn === undefined ? [] : [arn, `${arn}:${qualifier}`]
    })
    const logGroups = flaggingFunctions.map((name) =>
      Stack.of(this).formatArn({
        service: "logs",
        resource: "log-group",
        resourceName: `/aws/lambda/${functionNameOf(stage, name)}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    )
    this.policy = new ManagedPolicy(this, "Policy", {
      managedPolicyName: `flash-sale-${stage.name}-operators`,
      description: `May run the operators' commands in stage ${stage.name}`,
      statements: [
        new PolicyStatement({
          actions: ["lambda:InvokeFunction"],
          resources: [ops.function.functionArn],
          conditions,
        }),
        new PolicyStatement({ actions: ["cloudwatch:GetMetricData"], resources: ["*"], conditions }),
        new PolicyStatement({ actions: ["logs:FilterLogEvents"], resources: logGroups, conditions }),
        ...(warmed.length > 0 ? [new PolicyStatement({ actions: warmActions, resources: warmed, conditions })] : []),
      ],
    })
    Validations.of(this.policy).acknowledge(
      { id: "AwsSolutions-IAM5[Resource::*]", reason: "CloudWatch knows no resources for the metrics of a report." },
      ...flaggingFunctions.map((name) => ({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:${stage.region}:<AWS::AccountId>:log-group:/aws/lambda/${functionNameOf(stage, name)}:*]`,
        reason: "The streams of one log group: Lambda names them.",
      })),
    )
  }
}
