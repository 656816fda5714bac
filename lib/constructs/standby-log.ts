import { Fn, Stack } from "aws-cdk-lib"
import { Port } from "aws-cdk-lib/aws-ec2"
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam"
import { Key } from "aws-cdk-lib/aws-kms"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { CfnCluster, CfnReplicator } from "aws-cdk-lib/aws-msk"
import { Construct } from "constructs"
import { groupIdOf, groupNames } from "../../core/contracts/consumer-groups.ts"
import { type TopicKey, topics } from "../../core/contracts/topics.ts"
import type { StageConfig } from "../config.ts"
import { generationOf, topicNameOf } from "../requests-generation.ts"
import { acknowledgeWildcard } from "./acknowledge.ts"
import type { Network } from "./network.ts"
import { removalPolicyOf } from "./retention.ts"

/** Replication speaks IAM with both clusters. */
const iamPort = Port.tcp(9_098)
const kafkaVersion = "3.8.x"
const zones = 3

export interface StandbyLogProps {
  readonly stage: StageConfig
  readonly network: Network
  /** The cluster of the first region and its subnets; a stack of another region cannot know them at synth. */
  readonly sourceClusterArn: string
  readonly sourceSubnetIds: string[]
}

/**
 * A cluster in the second region with a copy of every topic, named by the source's alias and the topic. The copy has offsets of
 * its own, and offsets are identities here: after a promotion the writer reads a new topic, and the records of the copy are
 * produced to it again.
 */
export class StandbyLog extends Construct {
  readonly replicatorName: string

  constructor(scope: Construct, id: string, { stage, network, sourceClusterArn, sourceSubnetIds }: StandbyLogProps) {
    super(scope, id)
    if (stage.kafka.auth !== "iam") {
      throw new Error(`Stage "${stage.name}": replication between regions needs kafka.auth "iam", it is "${stage.kafka.auth}".`)
    }
    const subnetIds = network.vpc.selectSubnets(network.dataSubnets).subnetIds
    const brokers = network.securityGroup("Brokers", "Standby brokers", this)
    const replicator = network.securityGroup("Replicator", "Replication between regions", this)
    replicator.connections.allowTo(brokers, iamPort, "standby brokers")
    const logGroup = new LogGroup(this, "Logs", { retention: stage.logRetentionDays, removalPolicy: removalPolicyOf(stage) })
    const cluster = standbyCluster(this, {
      stage,
      subnetIds,
      securityGroupId: brokers.securityGroupId,
      logGroup: logGroup.logGroupName,
    })
    this.replicatorName = `flash-sale-${stage.name}`
    new CfnReplicator(this, "Replicator", {
      replicatorName: this.replicatorName,
      description: "Request log and events, for the loss of the first region",
      serviceExecutionRoleArn: replicationRole(this, [
        clusterIn(stage.region, sourceClusterArn),
        clusterIn(Stack.of(this).region, cluster.attrArn),
      ]).roleArn,
      kafkaClusters: [
        // The path to the source is its multi-VPC connectivity: it needs subnets of the source's region, and no security group.
        { amazonMskCluster: { mskClusterArn: sourceClusterArn }, vpcConfig: { subnetIds: sourceSubnetIds } },
        {
          amazonMskCluster: { mskClusterArn: cluster.attrArn },
          vpcConfig: { subnetIds, securityGroupIds: [replicator.securityGroupId] },
        },
      ],
      replicationInfoList: [
        {
          sourceKafkaClusterArn: sourceClusterArn,
          targetKafkaClusterArn: cluster.attrArn,
          targetCompressionType: "NONE",
          topicReplication: {
            topicsToReplicate: (Object.keys(topics) as TopicKey[]).map((key) => topicNameOf(stage, key)),
            copyTopicConfigurations: true,
            copyAccessControlListsForTopics: false,
            detectAndCopyNewTopics: false,
            startingPosition: { type: "EARLIEST" },
            topicNameConfiguration: { type: "PREFIXED_WITH_SOURCE_CLUSTER_ALIAS" },
          },
          consumerGroupReplication: {
            consumerGroupsToReplicate: groupNames().map((group) => groupIdOf(group, generationOf(stage))),
            detectAndCopyNewConsumerGroups: false,
            synchroniseConsumerGroupOffsets: true,
          },
        },
      ],
      logDelivery: { replicatorLogDelivery: { cloudWatchLogs: { enabled: true, logGroup: logGroup.logGroupName } } },
    })
  }
}

interface StandbyClusterProps {
  readonly stage: StageConfig
  readonly subnetIds: string[]
  readonly securityGroupId: string
  readonly logGroup: string
}

function standbyCluster(scope: Construct, { stage, subnetIds, securityGroupId, logGroup }: StandbyClusterProps): CfnCluster {
  const { kind, instanceType, brokersPerZone, storageGiBPerBroker } = stage.kafka
  const key = new Key(scope, "Key", {
    description: "Standby brokers: storage",
    enableKeyRotation: true,
    removalPolicy: removalPolicyOf(stage),
  })
  const cluster = new CfnCluster(scope, "Cluster", {
    clusterName: `flash-sale-${stage.name}-dr`,
    kafkaVersion,
    numberOfBrokerNodes: zones * brokersPerZone,
    brokerNodeGroupInfo: {
      instanceType,
      clientSubnets: subnetIds,
      securityGroups: [securityGroupId],
      ...(kind === "standard" && { storageInfo: { ebsStorageInfo: { volumeSize: storageGiBPerBroker ?? 100 } } }),
    },
    clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
    encryptionInfo: {
      encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },
      encryptionInTransit: { clientBroker: "TLS", inCluster: true },
    },
    enhancedMonitoring: "PER_BROKER",
    loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup } } },
  })
  cluster.applyRemovalPolicy(removalPolicyOf(stage))
  return cluster
}

interface ReplicatedCluster {
  readonly arn: string
  readonly region: string
}
const clusterIn = (region: string, arn: string): ReplicatedCluster => ({ arn, region })

/** The rights of replication: on these two clusters, their topics and groups only. */
function replicationRole(scope: Construct, clusters: readonly ReplicatedCluster[]): Role {
  const { account, partition } = Stack.of(scope)
  // arn:...:cluster/<name>/<uuid> names the cluster, :topic/<name>/<uuid>/<topic> what is in it.
  const within = (kind: "topic" | "group") =>
    clusters.map(({ arn, region }) => {
      const [name, uuid] = [1, 2].map((part) => Fn.select(part, Fn.split("/", arn)))
      return `arn:${partition}:kafka:${region}:${account}:${kind}/${name}/${uuid}/*`
    })
  const allow = (sid: string, actions: readonly string[], resources: string[]) =>
    new PolicyStatement({ sid, actions: actions.map((action) => `kafka-cluster:${action}`), resources })
  const role = new Role(scope, "ReplicationRole", {
    assumedBy: new ServicePrincipal("kafka.amazonaws.com"),
    description: "MSK Replicator",
    inlinePolicies: {
      Replicate: new PolicyDocument({
        statements: [
          allow(
            "Clusters",
            ["Connect", "DescribeCluster", "AlterCluster", "WriteDataIdempotently"],
            clusters.map(({ arn }) => arn),
          ),
          allow("Topics", topicActions, within("topic")),
          allow("Groups", ["DescribeGroup", "AlterGroup"], within("group")),
        ],
      }),
    },
  })
  for (const arn of [...within("topic"), ...within("group")]) {
    acknowledgeWildcard(
      role,
      arn,
      "The replicator keeps topics and groups of its own in both clusters, whose names AWS does not document",
    )
  }
  return role
}

const topicActions = [
  "DescribeTopic",
  "CreateTopic",
  "AlterTopic",
  "WriteData",
  "ReadData",
  "DescribeTopicDynamicConfiguration",
  "AlterTopicDynamicConfiguration",
] as const
