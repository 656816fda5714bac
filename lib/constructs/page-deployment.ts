import { DefaultStackSynthesizer, Stack, Validations } from "aws-cdk-lib"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import type { IBucket } from "aws-cdk-lib/aws-s3"
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment"
import { Construct } from "constructs"
import { hashedFiles, pageCacheControl } from "../../core/contracts/http/page.ts"
import { type StageConfig as PageConfig, stageConfigPath } from "../../web/src/config/stage-config.ts"
import type { StageConfig } from "../config.ts"
import { acknowledgeFramework, acknowledgeWildcard } from "./acknowledge.ts"
import { builtFile, pageBuild } from "./page-build.ts"
import { removalPolicyOf } from "./retention.ts"
import type { Storefront } from "./storefront.ts"

export interface PageDeploymentProps {
  readonly stage: StageConfig
  readonly storefront: Storefront
  readonly config: PageConfig
}

/**
 * Puts the build of the page into its bucket: first the files with a hash in their name, then the entrances that name them. No
 * file is ever deleted: a page that a shopper opened before the deployment still finds the files of its own build.
 */
export class PageDeployment extends Construct {
  constructor(scope: Construct, id: string, { stage, storefront, config }: PageDeploymentProps) {
    super(scope, id)
    builtFile("index.html")
    // CloudFront compresses by itself; the encoded files are for the local gateway.
    const build = Source.asset(pageBuild, { exclude: ["*.br", "*.gz"] })
    const hashed = `${hashedFiles.slice(1)}*`
    const shared = {
      destinationBucket: storefront.bucket as IBucket,
      prune: false,
      retainOnDelete: stage.retainData,
      logGroup: new LogGroup(this, "Logs", { retention: stage.logRetentionDays, removalPolicy: removalPolicyOf(stage) }),
    }
    const first = new BucketDeployment(this, "Hashed", {
      ...shared,
      sources: [build],
      exclude: ["*"],
      include: [hashed],
      cacheControl: [CacheControl.fromString(pageCacheControl.hashed)],
    })
    const entrances = new BucketDeployment(this, "Entrances", {
      ...shared,
      sources: [build, Source.jsonData(stageConfigPath.slice(1), config)],
      exclude: [hashed],
      cacheControl: [CacheControl.fromString(pageCacheControl.other)],
    })
    entrances.node.addDependency(first)
    this.#acknowledge(first, storefront)
  }

  #acknowledge({ handlerRole }: BucketDeployment, { bucket }: Storefront): void {
    const framework = acknowledgeFramework(handlerRole)
    for (const action of ["GetObject", "GetBucket", "List", "DeleteObject", "Abort"]) {
      Validations.of(framework).acknowledge({
        id: `AwsSolutions-IAM5[Action::s3:${action}*]`,
        reason: "CDK's framework function copies files between the two buckets below; it is given no other bucket.",
      })
    }
    const { partition, account, region } = Stack.of(this)
    const assets = `arn:${partition}:s3:::cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-${account}-${region}`
    const reason = "CDK's framework function copies any file of the build, whose names change with their content."
    for (const arn of [`${bucket.bucketArn}/*`, `${assets}/*`]) acknowledgeWildcard(framework, arn, reason)
  }
}
