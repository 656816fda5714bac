import { RemovalPolicy } from "aws-cdk-lib"
import type { StageConfig } from "../config.ts"

/**
 * What happens to a resource with data when its stack is deleted. A failed first deployment removes its resources: they are
 * empty, and their names would block the second deployment.
 */
export const removalPolicyOf = ({ retainData }: StageConfig): RemovalPolicy =>
  retainData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY

/**
 * The same for a bucket. CloudFormation deletes no bucket that has objects: a function of CDK's empties one that goes, every
 * version of its objects, and first denies further writes. Access logs arrive for hours.
 */
export const bucketRemovalOf = (stage: StageConfig) => ({
  removalPolicy: removalPolicyOf(stage),
  autoDeleteObjects: !stage.retainData,
})
