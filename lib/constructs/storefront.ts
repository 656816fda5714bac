import { Duration } from "aws-cdk-lib"
import * as s3 from "aws-cdk-lib/aws-s3"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { bucketRemovalOf } from "./retention.ts"

/** The bucket of the page, which only CloudFront may read, and the bucket of CloudFront's log. */
export class Storefront extends Construct {
  readonly bucket: s3.Bucket
  readonly accessLogs: s3.Bucket

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    const closed = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      ...bucketRemovalOf(stage),
    }
    this.accessLogs = new s3.Bucket(this, "AccessLogs", {
      ...closed,
      // CloudFront and S3 still deliver their logs by ACL.
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [{ expiration: Duration.days(stage.logRetentionDays) }],
    })
    this.bucket = new s3.Bucket(this, "Page", {
      ...closed,
      versioned: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      serverAccessLogsBucket: this.accessLogs as s3.IBucket,
      serverAccessLogsPrefix: "page/",
    })
  }
}
