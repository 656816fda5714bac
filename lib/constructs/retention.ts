import { RemovalPolicy } from "aws-cdk-lib"
import type { StageConfig } from "../config.ts"

/**
 * What happens to a resource with data when its stack is deleted. A failed first deployment removes its resources: they are
 * empty, and their names would block the second deployment.
 */
export const removalPolicyOf = ({ retainData }: StageConfig): RemovalPolicy =>
  retainData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY
