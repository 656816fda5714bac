import { Stack } from "aws-cdk-lib"
import { CfnPermission } from "aws-cdk-lib/aws-lambda"
import { CfnRotationSchedule } from "aws-cdk-lib/aws-secretsmanager"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import type { DataStack } from "../stacks/data.ts"
import { freezeWindow } from "./deploy-role.ts"
import type { SaleFunction } from "./sale-function.ts"

const everyMonth = "rate(30 days)"
/** From midnight UTC. */
const longestWindow = "4h"

export interface SecretRotationProps {
  readonly stage: StageConfig
  readonly rotator: SaleFunction
  readonly data: Pick<DataStack, "secrets" | "cache" | "log">
}

/**
 * The secrets that our own function rotates, each on its schedule. CDK's RotationSchedule would name the function's role in the
 * policies of the keys, and the data stack would depend on the app stack.
 */
export class SecretRotation extends Construct {
  constructor(scope: Construct, id: string, { stage, rotator, data }: SecretRotationProps) {
    super(scope, id)
    rotator.addEnvironment("SALE_WINDOWS", JSON.stringify(stage.sales.map(freezeWindow)))
    const permission = new CfnPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: Stack.of(this).account,
      functionName: rotator.function.functionArn,
    })
    const rotated = {
      ReceiptKeys: data.secrets.rotatedBy(rotator, "RECEIPT_KEYS"),
      CacheToken: data.cache.rotatedBy(rotator),
      KafkaLogin: data.log.rotatedBy(rotator),
    }
    for (const [name, secret] of Object.entries(rotated)) {
      if (secret === undefined) continue
      const schedule = new CfnRotationSchedule(this, name, {
        secretId: secret.secretArn,
        rotationLambdaArn: rotator.function.functionArn,
        rotationRules: { scheduleExpression: everyMonth, duration: longestWindow },
        // A deployment does not rotate. Secrets Manager still invokes the function once, which needs its rights by then.
        rotateImmediatelyOnUpdate: false,
      })
      schedule.node.addDependency(permission, rotator)
    }
  }
}
