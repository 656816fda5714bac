import { Duration } from "aws-cdk-lib"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Key } from "aws-cdk-lib/aws-kms"
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3"
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from "aws-cdk-lib/cx-api"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { bucketRemovalOf, removalPolicyOf } from "./retention.ts"

const keptYears = 7
/** One object: each minute adds a version, and the lock keeps every version. So no policy needs a wildcard. */
const headsObject = "heads.json"

/**
 * Head hashes of the ledger, in a place where the database's owner cannot change them; nor can the account's root, in a stage
 * that keeps its data.
 */
export class LedgerArchive extends Construct {
  readonly bucket: Bucket
  readonly #key: Key

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    // A policy lets access logs in; the older way needs access lists, which this bucket does not have.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true)
    const closed = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      ...bucketRemovalOf(stage),
    }
    const accessLogs = new Bucket(this, "AccessLogs", {
      ...closed,
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      lifecycleRules: [{ expiration: Duration.days(stage.logRetentionDays) }],
    })
    this.#key = new Key(this, "Key", {
      description: "Archive of the ledger",
      enableKeyRotation: true,
      removalPolicy: removalPolicyOf(stage),
    })
    this.bucket = new Bucket(this, "Bucket", {
      ...closed,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.#key,
      bucketKeyEnabled: true,
      versioned: true,
      // Nobody can empty a bucket with a lock, so that a stage that goes has none.
      ...(stage.retainData && {
        objectLockEnabled: true,
        objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(keptYears * 365)),
      }),
      serverAccessLogsBucket: accessLogs as IBucket,
    })
  }

  /** Lets a function add to the archive, and sets its environment. No function may delete anything. */
  receives(client: Connectable): void {
    const allow = (actions: string[], resources: string[]) =>
      client.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }))
    allow(["s3:PutObject"], [this.bucket.arnForObjects(headsObject)])
    allow(["kms:GenerateDataKey"], [this.#key.keyArn])
    client.addEnvironment("LEDGER_ARCHIVE_BUCKET", this.bucket.bucketName)
  }
}
