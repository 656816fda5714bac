import { ArnFormat, Stack } from "aws-cdk-lib"
import * as iam from "aws-cdk-lib/aws-iam"
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import type { Database } from "./database.ts"
import { warmWindows } from "./warm-windows.ts"

/**
 * A snapshot of the database before each sale, at the time of the warm-up. A restore can go back to the state before the sale. A
 * stage that keeps no data takes none.
 */
export class Snapshots extends Construct {
  constructor(scope: Construct, id: string, { stage, database }: { readonly stage: StageConfig; readonly database: Database }) {
    super(scope, id)
    const windows = warmWindows(stage)
    // No stack deletes a snapshot that a schedule has made.
    if (windows.length === 0 || !stage.retainData) return
    const { instanceIdentifier: instance } = database.instance
    const role = new iam.Role(this, "Role", {
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com"),
      description: "Takes a snapshot before a sale",
    })
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
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: "arn:aws:scheduler:::aws-sdk:rds:createDBSnapshot",
          roleArn: role.roleArn,
          input: JSON.stringify({ DbInstanceIdentifier: instance, DbSnapshotIdentifier: snapshot }),
          retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 900 },
        },
      })
    }
  }
}
