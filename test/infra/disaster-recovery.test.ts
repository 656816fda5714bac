import { App } from "aws-cdk-lib"
import { Match, Template } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import { topics } from "../../core/contracts/topics.ts"
import type { StageConfig } from "../../lib/config.ts"
import { DisasterRecoveryStack, ReplicationSourceStack } from "../../lib/stacks/disaster-recovery.ts"
import { stages } from "../../lib/stages.ts"

const account = "111122223333"
const stage: StageConfig = {
  ...stages.prod,
  domain: { hostedZoneId: "Z1", zoneName: "shop.example", siteName: "sale.shop.example", apiName: "api.shop.example" },
}
const { disasterRecovery } = stage
if (disasterRecovery === undefined) throw new Error("prod has no second region")
const env = { account, region: disasterRecovery.region }
const template = Template.fromStack(new DisasterRecoveryStack(new App(), "DisasterRecovery", { env, stage }))

test("exactly the topics of the table are copied to the second region, with their groups", () => {
  template.hasResourceProperties("AWS::MSK::Replicator", {
    ReplicationInfoList: [
      Match.objectLike({
        TopicReplication: Match.objectLike({
          TopicsToReplicate: Object.values(topics).map(({ name }) => name),
          DetectAndCopyNewTopics: false,
          StartingPosition: { Type: "EARLIEST" },
          // The copies have other names: the copy's offsets must never be compared with a watermark.
          TopicNameConfiguration: { Type: "PREFIXED_WITH_SOURCE_CLUSTER_ALIAS" },
        }),
        ConsumerGroupReplication: Match.objectLike({
          ConsumerGroupsToReplicate: [...groupNames()],
          SynchroniseConsumerGroupOffsets: true,
        }),
      }),
    ],
  })
})

test("replication connects to the source from subnets of its region, an output of the stack there, and needs no security group", () => {
  template.hasResourceProperties("AWS::MSK::Replicator", {
    KafkaClusters: [
      { AmazonMskCluster: { MskClusterArn: { Ref: "SourceClusterArn" } }, VpcConfig: { SubnetIds: { Ref: "SourceSubnetIds" } } },
      Match.objectLike({ VpcConfig: { SecurityGroupIds: [Match.anyValue()], SubnetIds: Match.anyValue() } }),
    ],
  })
  template.hasParameter("SourceSubnetIds", { Type: "CommaDelimitedList" })
})

test("the standby cluster has brokers in three zones, TLS, a key of ours and no anonymous client", () => {
  template.hasResourceProperties("AWS::MSK::Cluster", {
    NumberOfBrokerNodes: 3,
    ClientAuthentication: { Sasl: { Iam: { Enabled: true } }, Unauthenticated: { Enabled: false } },
    EncryptionInfo: {
      EncryptionAtRest: Match.objectLike({}),
      EncryptionInTransit: { ClientBroker: "TLS", InCluster: true },
    },
  })
})

test("the replica is encrypted in its own region, as large as its source, has backups and is protected", () => {
  template.hasResourceProperties("AWS::RDS::DBInstance", {
    SourceDBInstanceIdentifier: { Ref: "SourceDatabaseArn" },
    SourceRegion: stage.region,
    DBInstanceClass: `db.${stage.database.instanceType}`,
    MultiAZ: true,
    KmsKeyId: Match.anyValue(),
    BackupRetentionPeriod: stage.database.backupRetentionDays,
    DeletionProtection: true,
    PubliclyAccessible: false,
  })
})

test("an operator moves the name of the API, never a probe", () => {
  template.hasResourceProperties("AWS::Route53::HealthCheck", {
    HealthCheckConfig: Match.objectLike({ Type: "CALCULATED", HealthThreshold: 0 }),
  })
  template.hasResourceProperties("AWS::Route53::RecordSet", {
    Name: "api.shop.example",
    Failover: "PRIMARY",
    TTL: "30",
    HealthCheckId: { "Fn::GetAtt": [Match.stringLikeRegexp("FirstRegionIsChosen"), "HealthCheckId"] },
  })
  template.hasResource("AWS::Route53::RecordSet", {
    Condition: Match.stringLikeRegexp("StandbyHasAnApi"),
    Properties: Match.objectLike({ Name: "api.shop.example", Failover: "SECONDARY" }),
  })
})

test("the second region's network is in the zones of the config", () => {
  const zones = Object.values(template.findResources("AWS::EC2::Subnet")).map(({ Properties }) => Properties.AvailabilityZone)
  expect([...new Set(zones)].sort()).toEqual([...disasterRecovery.availabilityZones])
})

test("an alarm fires if the second region lags by more than the recovery point, or reports nothing", () => {
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "flash-sale-prod-StandbyLate",
    MetricName: "ReplicaLag",
    Threshold: 30,
    TreatMissingData: "breaching",
  })
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "flash-sale-prod-ReplicatorLate",
    MetricName: "ReplicationLatency",
    Dimensions: [{ Name: "ReplicatorName", Value: "flash-sale-prod" }],
    Threshold: 30_000,
  })
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "flash-sale-prod-ReplicatorLate-silent",
    MetricName: "MessageLag",
    TreatMissingData: "breaching",
  })
})

test("only the replication service may connect to the first region's cluster from the second", () => {
  const source = Template.fromStack(
    new ReplicationSourceStack(new App(), "Source", {
      clusterArn: `arn:aws:kafka:eu-central-1:${account}:cluster/sale/1`,
      databaseArn: `arn:aws:rds:eu-central-1:${account}:db:sale`,
      subnetIds: ["subnet-1", "subnet-2", "subnet-3"],
    }),
  )
  for (const parameter of ["SourceClusterArn", "SourceDatabaseArn", "SourceSubnetIds"]) {
    expect(Object.keys(template.findParameters(parameter))).toEqual(Object.keys(source.findOutputs(parameter)))
  }
  source.hasResourceProperties("AWS::MSK::ClusterPolicy", {
    Policy: Match.objectLike({
      Statement: [
        Match.objectLike({
          Principal: { Service: "kafka.amazonaws.com" },
          Action: ["kafka:CreateVpcConnection", "kafka:GetBootstrapBrokers", "kafka:DescribeClusterV2"],
        }),
      ],
    }),
  })
})

test("the synth refuses replication without IAM, and says what to change", () => {
  const scram: StageConfig = { ...stage, kafka: { ...stage.kafka, auth: "scram" } }
  expect(() => new DisasterRecoveryStack(new App(), "Scram", { env, stage: scram })).toThrow('needs kafka.auth "iam"')
})

test("a stage without a second region has no such stack", () => {
  const { disasterRecovery: _none, ...rest } = stage
  expect(() => new DisasterRecoveryStack(new App(), "None", { env, stage: rest })).toThrow("no disasterRecovery region")
})
