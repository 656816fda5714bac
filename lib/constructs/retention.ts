import { RemovalPolicy } from "aws-cdk-lib"
import type { StageConfig } from "../config.ts"

/**
 * What happens to a thing that holds data when its stack goes. What a failed first deployment made goes with it: it is empty, and its name
 * would be in the way of the second.
 */
export const removalPolicyOf = ({ retainData }: StageConfig): RemovalPolicy =>
  retainData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY
