import { RemovalPolicy } from "aws-cdk-lib"
import type { StageConfig } from "../config.ts"

/** What happens to a thing that holds data when its stack goes. */
export const removalPolicyOf = ({ retainData }: StageConfig): RemovalPolicy =>
  retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
