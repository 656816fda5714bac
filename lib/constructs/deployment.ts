import { Validations } from "aws-cdk-lib"
import { Alarm, ComparisonOperator, type IAlarmRef, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch"
import * as codedeploy from "aws-cdk-lib/aws-codedeploy"
import { Construct } from "constructs"
import { deployedAlarmName } from "../alarms/definition.ts"
import { awsMetric, formula, minuteSeconds, saleMetric } from "../alarms/metric-spec.ts"
import type { StageConfig } from "../config.ts"
import { functionNameOf } from "../function-name.ts"
import { runbookUrl } from "./alarms.ts"
import { cloudWatchMetric } from "./cloud-watch-metric.ts"
import type { SaleFunction } from "./sale-function.ts"

/** Share of a new version's calls that may fail before the rollback, in percent. */
const errorsAllowedPercent = 1

export interface DeploymentProps {
  readonly stage: StageConfig
  /** The functions of the API. The writer is not among them: two versions of it must not share its partitions. */
  readonly functions: readonly SaleFunction[]
}

/** A new version of an API function gets a tenth of the calls for five minutes, then all. An alarm rolls it back. */
export class GradualDeployment extends Construct {
  /** The alarms that roll back. They are beside the functions that they watch; the stack with the topics tells people of them. */
  readonly alarmNames: readonly string[]

  constructor(scope: Construct, id: string, { stage, functions }: DeploymentProps) {
    super(scope, id)
    Validations.of(this).acknowledge({
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
      reason: "CodeDeploy's own policy for Lambda: it may move aliases and read alarms, and changes with the service.",
    })
    this.alarmNames = functions.map(({ name }) => alarmNameOf(stage, name))
    const application = new codedeploy.LambdaApplication(this, "Application", { applicationName: `flash-sale-${stage.name}` })
    for (const target of functions) {
      const { alias, name } = target
      if (alias === undefined) throw new Error(`${name} has no alias to shift`)
      new codedeploy.LambdaDeploymentGroup(this, name, {
        application,
        alias,
        deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alarms: [this.alarm(stage, target)],
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      })
    }
  }

  /** Counts calls that ended in an exception or a timeout, and answers with 5xx, which Lambda counts as success. */
  private alarm(stage: StageConfig, { name }: SaleFunction): IAlarmRef {
    const dimensions = { FunctionName: functionNameOf(stage, name) }
    return new Alarm(this, `${name}-errors`, {
      alarmName: alarmNameOf(stage, name),
      alarmDescription: `P2: more than ${errorsAllowedPercent} % of the calls of ${name} fail; a deployment under way is rolled back. Runbook: ${runbookUrl(stage, "code-rollback")}`,
      metric: cloudWatchMetric(
        formula(
          "100 * (FILL(crashes, 0) + FILL(answers, 0)) / calls",
          {
            crashes: awsMetric("AWS/Lambda", "Errors", dimensions, "Sum"),
            answers: saleMetric("error.rate", name, "Sum", minuteSeconds),
            calls: awsMetric("AWS/Lambda", "Invocations", dimensions, "Sum"),
          },
          minuteSeconds,
        ),
      ),
      threshold: errorsAllowedPercent,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
  }
}

const alarmNameOf = (stage: StageConfig, name: string): string => deployedAlarmName(stage.name, `deploy-${name}`)
