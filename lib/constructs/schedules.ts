import * as iam from "aws-cdk-lib/aws-iam"
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler"
import { Construct } from "constructs"
import type { FailedSchedules } from "./failed-schedules.ts"
import type { SaleFunction } from "./sale-function.ts"

/** The role of the scheduler. Each schedule adds the one action that it needs. */
export const schedulerRole = (scope: Construct, description: string): iam.Role =>
  new iam.Role(scope, "Role", { assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com"), description })

/** A schedule starts in its minute, and not in a window of time. */
export const exactly = { mode: "OFF" } as const

export interface MinuteScheduleProps {
  readonly function: SaleFunction
  /** What a start does, in a few words. */
  readonly description: string
  /** Minutes between two starts. */
  readonly minutes?: number
  /** Where a start that failed is kept. */
  readonly failures: FailedSchedules
}

/** Starts a function every minute. A failed start is not retried: the next start comes before a retry would help. */
export class MinuteSchedule extends Construct {
  constructor(scope: Construct, id: string, { function: started, description, minutes = 1, failures }: MinuteScheduleProps) {
    super(scope, id)
    const role = schedulerRole(this, `Starts ${started.name}`)
    role.addToPolicy(new iam.PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [started.target.functionArn] }))
    new CfnSchedule(this, "Schedule", {
      description,
      scheduleExpression: minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`,
      flexibleTimeWindow: exactly,
      target: {
        arn: started.target.functionArn,
        roleArn: role.roleArn,
        input: "{}",
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        deadLetterConfig: failures.receives(role),
      },
    })
  }
}
