import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib"
import { CfnBudget } from "aws-cdk-lib/aws-budgets"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { DeployRole } from "../constructs/deploy-role.ts"

export interface PipelineStackProps extends StackProps {
  readonly stage: StageConfig
  /** The regions of all stacks of the stage. */
  readonly regions: readonly string[]
}

/** Shares of the month's budget, spent or forecast, in percent. The team gets an email at each. */
const budgetAlerts = [
  { notificationType: "ACTUAL", threshold: 80 },
  { notificationType: "FORECASTED", threshold: 100 },
] as const

/** The rights to deploy, the freezes, and the budget. Deployed first and by hand; the workflow deploys everything else. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props)
    const { stage, regions } = props
    if (stage.pipeline !== undefined) {
      const { role } = new DeployRole(this, "Deploy", { stage, regions })
      new CfnOutput(this, "DeployRoleArn", { value: role.roleArn, description: "The secret AWS_ROLE of the GitHub environment" })
    }
    new CfnBudget(this, "Budget", {
      budget: {
        budgetName: `flash-sale-${stage.name}`,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: stage.budgetUsdPerMonth, unit: "USD" },
      },
      notificationsWithSubscribers: budgetAlerts.map((alert) => ({
        notification: { ...alert, comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE" },
        subscribers: stage.alarmEmails.P2.map((address) => ({ address, subscriptionType: "EMAIL" })),
      })),
    })
  }
}
