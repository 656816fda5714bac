import { Duration, Validations } from "aws-cdk-lib"
import { InstanceType } from "aws-cdk-lib/aws-ec2"
import { Key } from "aws-cdk-lib/aws-kms"
import { CfnDBInstance, CfnDBSubnetGroup } from "aws-cdk-lib/aws-rds"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { databasePort } from "./database.ts"
import type { Network } from "./network.ts"
import { removalPolicyOf } from "./retention.ts"

export interface StandbyDatabaseProps {
  readonly stage: StageConfig
  readonly network: Network
  /** The instance of the first region. */
  readonly sourceDatabaseArn: string
}

/** A replica of PostgreSQL in the second region, as large as the first: once promoted it carries the same sale. */
export class StandbyDatabase extends Construct {
  readonly identifier: string

  constructor(scope: Construct, id: string, { stage, network, sourceDatabaseArn }: StandbyDatabaseProps) {
    super(scope, id)
    const removalPolicy = removalPolicyOf(stage)
    const key = new Key(this, "Key", { description: "Standby PostgreSQL", enableKeyRotation: true, removalPolicy })
    const subnets = new CfnDBSubnetGroup(this, "Subnets", {
      dbSubnetGroupDescription: "Standby PostgreSQL",
      subnetIds: network.vpc.selectSubnets(network.dataSubnets).subnetIds,
    })
    this.identifier = `flash-sale-${stage.name}-dr`
    const replica = new CfnDBInstance(this, "Replica", {
      dbInstanceIdentifier: this.identifier,
      sourceDbInstanceIdentifier: sourceDatabaseArn,
      sourceRegion: stage.region,
      dbInstanceClass: `db.${new InstanceType(stage.database.instanceType).toString()}`,
      dbSubnetGroupName: subnets.ref,
      vpcSecurityGroups: [network.securityGroup("Standby", "Standby PostgreSQL", this).securityGroupId],
      port: String(databasePort),
      // Two zones from the start: adding the second zone takes longer than a promotion may take.
      multiAz: true,
      publiclyAccessible: false,
      // A replica is encrypted like its source, with a key of its own region. RDS refuses the setting `storageEncrypted` here.
      kmsKeyId: key.keyArn,
      storageType: "gp3",
      ...(stage.database.iops && { iops: stage.database.iops }),
      // A promoted replica must be able to restore itself at once.
      backupRetentionPeriod: Duration.days(stage.database.backupRetentionDays).toDays(),
      copyTagsToSnapshot: true,
      autoMinorVersionUpgrade: false,
      deletionProtection: stage.retainData,
      enablePerformanceInsights: true,
      performanceInsightsKmsKeyId: key.keyArn,
    })
    replica.applyRemovalPolicy(removalPolicy)
    Validations.of(replica).acknowledge({
      id: "AwsSolutions-RDS2",
      reason:
        "A replica is encrypted as its source is; CloudFormation refuses StorageEncrypted beside SourceDBInstanceIdentifier.",
    })
    Validations.of(replica).acknowledge({
      id: "AwsSolutions-RDS11",
      reason: "The port is not the default; the rule cannot tell, because a replica names no engine.",
    })
  }
}
