import { Duration, Validations } from "aws-cdk-lib"
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3"
import { Construct } from "constructs"
import { analyticsTableKey, reportFiles } from "../../core/contracts/analytics.ts"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { bucketRemovalOf, removalPolicyOf } from "./retention.ts"

/** What a function does with the figures. */
type Use = "reads" | "counts"

const tableActions: Readonly<Record<Use, readonly string[]>> = {
  reads: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
  counts: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"],
}

/** Reports are written again every ten seconds; the version before stays for a day, to see what a reader saw. */
const keptVersions = Duration.days(1)

/** The figures of analytics: the table with the state of each partition, and the bucket with the report. */
export class AnalyticsData extends Construct {
  readonly table: Table
  readonly bucket: Bucket

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    this.table = new Table(this, "Table", {
      partitionKey: { name: analyticsTableKey.partition, type: AttributeType.STRING },
      sortKey: { name: analyticsTableKey.sort, type: AttributeType.NUMBER },
      // A sale is a spike of minutes in days without events.
      billingMode: BillingMode.PAY_PER_REQUEST,
      // DynamoDB keeps a backup of a deleted table with recovery for 35 days: a stage that goes would leave it.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.retainData },
      deletionProtection: stage.retainData,
      removalPolicy: removalPolicyOf(stage),
    })
    this.bucket = new Bucket(this, "Reports", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      lifecycleRules: [{ noncurrentVersionExpiration: keptVersions }],
      ...bucketRemovalOf(stage),
    })
    if (!stage.retainData) {
      Validations.of(this.table).acknowledge({
        id: "AwsSolutions-DDB3",
        reason: "A stage that keeps nothing has nothing to recover, and a backup would outlive it.",
      })
    }
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "It holds two files of sums, which are no secret in the account. A log of who read them would be longer than they are.",
    })
  }

  /** Lets a function read the figures, or count as well, and sets its environment. No function may delete anything. */
  connect(client: Pick<Connectable, "grantPrincipal" | "addEnvironment">, use: Use): void {
    client.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: [...tableActions[use]], resources: [this.table.tableArn] }),
    )
    client.addEnvironment("ANALYTICS_TABLE", this.table.tableName)
  }

  /** Lets a function write the files of the report, and sets its environment. */
  receives(client: Pick<Connectable, "grantPrincipal" | "addEnvironment">): void {
    const resources = Object.values(reportFiles).map((file) => this.bucket.arnForObjects(file))
    client.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: ["s3:PutObject"], resources }))
    client.addEnvironment("ANALYTICS_BUCKET", this.bucket.bucketName)
  }
}
