import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import { noticeExpiryAttribute, noticeIndexes, noticesTableKey } from "../../core/contracts/notices.ts"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { removalPolicyOf } from "./retention.ts"

/**
 * What became of each notice. DynamoDB and not PostgreSQL: a consumer that writes for each mail must not take connections and
 * locks from the sale. It holds no address and no name.
 */
export class NoticesTable extends Construct {
  readonly table: TableV2

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    const { byReservation, byState, sortKey } = noticeIndexes
    this.table = new TableV2(this, "Table", {
      partitionKey: { name: noticesTableKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      // DynamoDB keeps a backup of a deleted table with recovery for 35 days: a stage that goes would leave it.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.retainData },
      timeToLiveAttribute: noticeExpiryAttribute,
      deletionProtection: stage.retainData,
      removalPolicy: removalPolicyOf(stage),
      globalSecondaryIndexes: [byReservation, byState].map(({ name, key }) => ({
        indexName: name,
        partitionKey: { name: key, type: AttributeType.STRING },
        sortKey: { name: sortKey, type: AttributeType.NUMBER },
      })),
    })
  }

  /** Lets the notifier record intents and outcomes. */
  recordedBy(client: Connectable): void {
    this.#allow(client, ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"])
  }

  /** Lets a function add to a notice what the mail provider reported. */
  reportedBy(client: Connectable): void {
    this.#allow(client, ["dynamodb:UpdateItem"])
  }

  /** Lets operators list notices, and begin a generation in which notices are sent again. */
  operatedBy(client: Connectable): void {
    this.#allow(client, ["dynamodb:GetItem", "dynamodb:UpdateItem"])
    const { byReservation, byState } = noticeIndexes
    const resources = [byReservation, byState].map(({ name }) => `${this.table.tableArn}/index/${name}`)
    client.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: ["dynamodb:Query"], resources }))
  }

  #allow(client: Connectable, actions: string[]): void {
    client.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [this.table.tableArn] }))
    client.addEnvironment("NOTICES_TABLE", this.table.tableName)
  }
}
