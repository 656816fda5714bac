import { ArnFormat, Stack, Token, Validations } from "aws-cdk-lib"
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import { logGroupOf } from "../../core/contracts/ops.ts"
import { alarmName, deployedAlarmName, priorities } from "../alarms/definition.ts"
import { drillAlarms } from "../alarms/paging.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import type { AlarmTopics } from "./alarms.ts"

/**
 * Lets its bearers, operators in a session with a second factor, list the alarms and test the way of a page: they may put the
 * alarms of a drill into alarm and no other, and read whom a topic tells and what the pager logged.
 */
export class AlarmOperators extends Construct {
  constructor(scope: Construct, id: string, { stage, topics }: { readonly stage: StageConfig; readonly topics: AlarmTopics }) {
    super(scope, id)
    const conditions = { Bool: { "aws:MultiFactorAuthPresent": "true" } }
    const arn = (service: string, resource: string, resourceName: string) =>
      Stack.of(this).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME })
    const allow = (actions: string[], resources: string[]) => new PolicyStatement({ actions, resources, conditions })
    const pagerLog = logGroupOf(functionNameOf(stage, "pager"))
    const policy = new ManagedPolicy(this, "Policy", {
      managedPolicyName: `flash-sale-${stage.name}-operators-alarms`,
      description: `May see and test the alarms of stage ${stage.name}`,
      statements: [
        allow(["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"], ["*"]),
        allow(
          ["cloudwatch:SetAlarmState"],
          drillAlarms(stage).map((drill) => arn("cloudwatch", "alarm", deployedAlarmName(stage.name, alarmName(drill)))),
        ),
        allow(
          ["sns:ListSubscriptionsByTopic"],
          priorities.map((priority) => topics.byPriority[priority].topicArn),
        ),
        allow(["logs:FilterLogEvents"], [arn("logs", "log-group", `${pagerLog}:*`)]),
      ],
    })
    const account = Token.isUnresolved(Stack.of(this).account) ? "<AWS::AccountId>" : Stack.of(this).account
    Validations.of(policy).acknowledge(
      {
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "CloudWatch lists composite alarms only to callers who may list every alarm of the account.",
      },
      {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:${stage.region}:${account}:log-group:${pagerLog}:*]`,
        reason: "The streams of one log group: Lambda names them.",
      },
    )
  }
}
