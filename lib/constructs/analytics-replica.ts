import { Duration, Validations } from "aws-cdk-lib"
import { InstanceType } from "aws-cdk-lib/aws-ec2"
import { DatabaseInstanceReadReplica, PerformanceInsightRetention, StorageType, SubnetGroup } from "aws-cdk-lib/aws-rds"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import type { Database } from "./database.ts"
import { databasePort, monitoringRole } from "./database.ts"
import type { Network } from "./network.ts"
import { removalPolicyOf } from "./retention.ts"

/**
 * A copy that lags, for analysts. A shopper must never read from it: the class has no method to connect a function, and exposes
 * only its name for the alarms. Analysts open its security group by hand, for their own hosts.
 */
export class AnalyticsReplica extends Construct {
  readonly instanceIdentifier: string

  constructor(
    scope: Construct,
    id: string,
    { stage, network, database }: { readonly stage: StageConfig; readonly network: Network; readonly database: Database },
  ) {
    super(scope, id)
    const removalPolicy = removalPolicyOf(stage)
    const replica = new DatabaseInstanceReadReplica(this, "Replica", {
      sourceDatabaseInstance: database.instance,
      instanceType: new InstanceType(stage.database.analyticsInstanceType ?? stage.database.instanceType),
      port: databasePort,
      vpc: network.vpc,
      subnetGroup: new SubnetGroup(this, "Subnets", {
        description: "Analytics replica",
        vpc: network.vpc,
        vpcSubnets: network.dataSubnets,
        removalPolicy,
      }),
      securityGroups: [network.securityGroup("Replica", "Analytics replica: no function may be here", this)],
      publiclyAccessible: false,
      storageType: StorageType.GP3,
      // RDS encrypts the replica with the key of its source, and refuses any encryption settings here.
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: database.key,
      performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
      monitoringInterval: Duration.seconds(stage.retainData ? 60 : 0),
      autoMinorVersionUpgrade: false,
      deletionProtection: stage.retainData,
      removalPolicy,
    })
    Validations.of(replica).acknowledge(
      monitoringRole,
      { id: "AwsSolutions-RDS2", reason: "A replica is encrypted as its source is, which is." },
      { id: "AwsSolutions-RDS3", reason: "Analysts can wait for a new replica; shoppers never see it." },
      {
        id: "AwsSolutions-RDS11",
        reason: "The port is not PostgreSQL's own; the rule looks for an engine, which a replica does not name.",
      },
    )
    this.instanceIdentifier = replica.instanceIdentifier
  }
}
