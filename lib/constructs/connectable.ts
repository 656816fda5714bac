import type { IConnectable } from "aws-cdk-lib/aws-ec2"
import type { IGrantable } from "aws-cdk-lib/aws-iam"
import type { FunctionName } from "../config.ts"

/** A function as resources see it. Connecting grants rights to its role, opens the network path and sets its environment. */
export interface Connectable extends IGrantable, IConnectable {
  /** Its folder in `lambdas/`. */
  readonly name: FunctionName
  addEnvironment(name: string, value: string): unknown
}
