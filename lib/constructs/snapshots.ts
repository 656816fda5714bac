import { ArnFormat, Stack } from "aws-cdk-lib"
import * as iam from "aws-cdk-lib/aws-iam"
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import type { Database } from "./database.ts"
import type { FailedSchedules } from "./failed-schedules.ts"
import { exactly, schedulerRole } from "./schedules.ts"
import { warmWindows } from "./warm-windows.ts"

/** It must have ended when environments are warmed: they connect to the database then. */
const snapshotMinutesBefore = 60

export interface SnapshotsProps {
  readonly stage: StageConfig
  readonly database: Database
  readonly failures: FailedSchedules
}

/**
 * A snapshot of the database an hour before each sale. A restore can go back to the state before the sale. A stage that keeps no
 * data takes none. The schedule calls RDS itself; the spelling of such a target is `aws-sdk:<service>:<action>` with the action
 * in camel case, and members of the input in Pascal case. Source:
 * docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html (`sqs:sendMessage`), and CDK's example of the
 * class Universal (`rds`, `stopDBCluster`, DbClusterIdentifier).
 */
export class Snapshots extends Construct {
  constructor(scope: Construct, id: string, { stage, database, failures }: SnapshotsProps) {
    super(scope, id)
    const windows = warmWindows({ sales: stage.sales, warmUp: { ...stage.warmUp, minutesBefore: snapshotMinutesBefore } })
    // No stack deletes a snapshot that a schedule has made.
    if (windows.length === 0 || !stage.retainData) return
    const { instanceIdentifier: instance } = database.instance
    const role = schedulerRole(this, "Takes a snapshot before a sale")
    const deadLetterConfig = failures.receives(role)
    const arn = (resource: "db" | "snapshot", resourceName: string) =>
      Stack.of(this).formatArn({ service: "rds", resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME })
    for (const { fromMs } of windows) {
      const time = new Date(fromMs).toISOString().slice(0, 19)
      const snapshot = `flash-sale-${stage.name}-before-${time.replaceAll(/[T:]/g, "-")}`
      role.addToPolicy(
        new iam.PolicyStatement({
          actions: ["rds:CreateDBSnapshot", "rds:AddTagsToResource"],
          resources: [arn("db", instance), arn("snapshot", snapshot)],
        }),
      )
      new CfnSchedule(this, time, {
        description: "A snapshot before the sale",
        scheduleExpression: `at(${time})`,
        scheduleExpressionTimezone: "UTC",
        flexibleTimeWindow: exactly,
        target: {
          arn: "arn:aws:scheduler:::aws-sdk:rds:createDBSnapshot",
          roleArn: role.roleArn,
          input: JSON.stringify({ DbInstanceIdentifier: instance, DbSnapshotIdentifier: snapshot }),
          retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 900 },
          deadLetterConfig,
        },
      })
    }
  }
}
