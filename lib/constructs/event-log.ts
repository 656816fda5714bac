import { ArnFormat, Fn, Stack } from "aws-cdk-lib"
import { Connections, type IConnectable, Port } from "aws-cdk-lib/aws-ec2"
import { Key } from "aws-cdk-lib/aws-kms"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { CfnCluster, CfnConfiguration, CfnTopic } from "aws-cdk-lib/aws-msk"
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager"
import { Construct } from "constructs"
import { consumerGroup, type GroupName, groupIdOf, groupNames } from "../../core/contracts/consumer-groups.ts"
import { secretVariable } from "../../core/contracts/environment.ts"
import {
  replicationOn,
  requestsTopicOf,
  type TopicDefinition,
  type TopicKey,
  topics,
  warmUpTopic,
} from "../../core/contracts/topics.ts"
import type { StageConfig } from "../config.ts"
import { generationBefore, generationOf, topicNameOf } from "../requests-generation.ts"
import type { Connectable } from "./connectable.ts"
import { consumes, describesGroups, observes, operatesGroups, produces, reads } from "./kafka-access.ts"
import { kafkaLogin } from "./kafka-login.ts"
import type { Network } from "./network.ts"
import { removalPolicyOf } from "./retention.ts"
import { letRead, letRotate } from "./secret-access.ts"

/**
 * Recommended by MSK, and offered for Express brokers since June 2025 (MSK's developer guide: "Supported Apache Kafka versions",
 * "Document history"). Names of versions in KRaft mode end in `.kraft`, this one means ZooKeeper, and a cluster keeps its mode
 * ("KRaft mode").
 * `npm run test:aws-versions` runs on it.
 */
const kafkaVersion = "3.8.x"
/** Ports of the brokers inside the VPC, by authentication; both use TLS. */
export const brokerPorts = { iam: 9_098, scram: 9_096 } as const

/** What an event source mapping needs to know about a topic. */
export interface Feed {
  readonly clusterArn: string
  readonly topicName: string
  /** Only with SCRAM. */
  readonly login?: ISecret
}

/** Kafka on a broker or more in each zone. A record is ordered and on two disks before it is acknowledged. */
export class EventLog extends Construct implements IConnectable {
  readonly cluster: CfnCluster
  readonly clusterName: string
  readonly connections: Connections
  readonly topics: Readonly<Record<TopicKey, CfnTopic>>
  readonly #stage: StageConfig
  readonly #login: { readonly secret: ISecret; readonly key: Key } | undefined
  #bootstrapBrokers: string | undefined

  constructor(scope: Construct, id: string, { stage, network }: { readonly stage: StageConfig; readonly network: Network }) {
    super(scope, id)
    this.#stage = stage
    const { kafka } = stage
    this.clusterName = `flash-sale-${stage.name}`
    const removalPolicy = removalPolicyOf(stage)
    const key = new Key(this, "Key", { description: "Kafka: storage", enableKeyRotation: true, removalPolicy })
    const group = network.securityGroup("Brokers", "Kafka", this)
    const port = Port.tcp(brokerPorts[kafka.auth])
    this.connections = new Connections({ securityGroups: [group], defaultPort: port })
    // Lambda's pollers use the subnets and the security group of the brokers.
    this.connections.allowInternally(port, "pollers")
    // Pollers that belong to a mapping need no way to AWS; those of on-demand mappings call Lambda and STS from these subnets.
    if (stage.eventDelivery === "on-demand") network.reachesAws(this)

    this.cluster = new CfnCluster(this, "Cluster", {
      clusterName: this.clusterName,
      kafkaVersion,
      numberOfBrokerNodes: stage.availabilityZones.length * kafka.brokersPerZone,
      brokerNodeGroupInfo: {
        instanceType: kafka.instanceType,
        clientSubnets: network.vpc.selectSubnets(network.dataSubnets).subnetIds,
        securityGroups: [group.securityGroupId],
        brokerAzDistribution: "DEFAULT",
        ...(kafka.storageGiBPerBroker !== undefined && {
          storageInfo: { ebsStorageInfo: { volumeSize: kafka.storageGiBPerBroker } },
        }),
      },
      clientAuthentication: { sasl: { [kafka.auth]: { enabled: true } }, unauthenticated: { enabled: false } },
      encryptionInfo: {
        encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },
        encryptionInTransit: { clientBroker: "TLS", inCluster: true },
      },
      configurationInfo: this.#configuration(kafka.kind),
      // The alarms watch brokers. What a level adds is billed as custom metrics; the default is free, and enough for a trial.
      // Source: docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html.
      enhancedMonitoring: stage.trial === true ? "DEFAULT" : "PER_BROKER",
      loggingInfo: {
        brokerLogs: {
          cloudWatchLogs: {
            enabled: true,
            logGroup: new LogGroup(this, "BrokerLogs", { retention: stage.logRetentionDays, removalPolicy }).logGroupName,
          },
        },
      },
    })
    this.cluster.applyRemovalPolicy(removalPolicy)
    this.#login = kafka.auth === "scram" ? kafkaLogin(this, stage, this.cluster) : undefined
    this.topics = Object.fromEntries(
      (Object.keys(topics) as TopicKey[]).map((key) => [key, this.#topic({ ...topics[key], name: topicNameOf(stage, key) })]),
    ) as Record<TopicKey, CfnTopic>
    const before = generationBefore(stage)
    if (before !== undefined) this.#topic({ ...topics.reservationRequests, name: requestsTopicOf(before) })
    this.#topic(warmUpTopic)
  }

  /** The brokers' addresses for clients. CloudFormation does not know them: a custom resource asks for them and sets this. */
  set bootstrapBrokers(names: string) {
    this.#bootstrapBrokers = names
  }

  /** Lets a function append to a topic, and to the topic of the warm-up, and nothing more. */
  produces(client: Connectable, topic: TopicKey): void {
    this.#connect(client)
    const names = [topicNameOf(this.#stage, topic), warmUpTopic.name].map((name) => this.#arn("topic", name))
    for (const statement of produces(this.#arn("cluster"), names)) client.grantPrincipal.addToPrincipalPolicy(statement)
  }

  /** Lets a function read which partitions topics have, and their end offsets. */
  observes(client: Connectable, ...keys: readonly TopicKey[]): void {
    this.#connect(client)
    const names = keys.flatMap((key) => this.#topicArns(key))
    for (const statement of observes(this.#arn("cluster"), names)) client.grantPrincipal.addToPrincipalPolicy(statement)
  }

  /** Lets a function read the records of a topic, without a consumer group. */
  readBy(client: Connectable, key: TopicKey): void {
    this.observes(client, key)
    client.grantPrincipal.addToPrincipalPolicy(reads([this.#arn("topic", topics[key].name)]))
  }

  /** Lets a function read where the consumer groups of a topic are. */
  observesGroups(client: Connectable, topic: TopicKey): void {
    this.observes(client, topic)
    const groups = groupNames(topic).map((group) => this.#arn("group", groupIdOf(group, generationOf(this.#stage))))
    client.grantPrincipal.addToPrincipalPolicy(describesGroups(groups))
  }

  /** Lets the provisioner read the topics' partitions, for which it writes watermarks. */
  provisionedBy(client: Connectable): void {
    this.observes(client, ...(Object.keys(topics) as TopicKey[]))
  }

  /**
   * Lets the operators' function show all consumer groups, a warehouse's too, set where they read the events and the orders, and
   * append requests that were in quarantine. The function appends nothing else (core/workflows/quarantine/retry-record.ts).
   * @returns the ARN of all groups, which ends in a wildcard
   */
  operatedBy(client: Connectable): string {
    this.#connect(client)
    const topicNamed = (key: TopicKey) => this.#arn("topic", topicNameOf(this.#stage, key))
    // Without the UUID of the cluster: a wildcard must be acknowledged by its text, and the UUID is in another stack.
    const groups = Stack.of(this).formatArn({
      ...{
        service: "kafka",
        resource: "group",
        resourceName: `${this.clusterName}/*/*`,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      },
    })
    const statements = operatesGroups(this.#arn("cluster"), {
      observed: (Object.keys(topics) as TopicKey[]).flatMap((key) => this.#topicArns(key)),
      replayed: (["reservationRequests", "reservationEvents", "ordersConfirmed"] as const).map(topicNamed),
      browsed: [topicNamed("deadLetters")],
      appended: topicNamed("reservationRequests"),
      groups,
    })
    for (const statement of statements) client.grantPrincipal.addToPrincipalPolicy(statement)
    return groups
  }

  /**
   * Lets Lambda read a topic with the function's role, in a consumer group. CDK's event source does not grant the
   * `kafka-cluster` actions that IAM authentication needs.
   */
  feeds(client: Pick<Connectable, "grantPrincipal">, group: GroupName): Feed {
    const { topic } = consumerGroup(group)
    const [inForce, before] = [generationOf(this.#stage), generationBefore(this.#stage)]
    const groups = [groupIdOf(group, inForce), ...(topic === "reservationRequests" && before ? [groupIdOf(group, before)] : [])]
    const groupArns = groups.map((id) => this.#arn("group", id))
    const statements = consumes(this.#arn("cluster"), this.#topicArns(topic), groupArns)
    for (const statement of statements) client.grantPrincipal.addToPrincipalPolicy(statement)
    const login = this.#login?.secret
    if (login) letRead(client, login)
    return { clusterArn: this.cluster.attrArn, topicName: topicNameOf(this.#stage, topic), ...(login && { login }) }
  }

  /** Lets the rotation function change the login, if there is one: MSK reads it from the secret. */
  rotatedBy(rotator: Pick<Connectable, "grantPrincipal" | "addEnvironment">): ISecret | undefined {
    const login = this.#login?.secret
    if (login === undefined) return undefined
    letRotate(rotator, login)
    rotator.addEnvironment(secretVariable("KAFKA_LOGIN"), login.secretArn)
    return login
  }

  #connect(client: Connectable): void {
    if (this.#bootstrapBrokers === undefined) throw new Error("Set bootstrapBrokers before connecting a function to the log")
    const { auth } = this.#stage.kafka
    client.connections.allowTo(this, Port.tcp(brokerPorts[auth]), "Kafka")
    client.addEnvironment("KAFKA_BROKERS", this.#bootstrapBrokers)
    client.addEnvironment("KAFKA_AUTH", auth)
    if (this.#login === undefined) return
    letRead(client, this.#login.secret)
    client.addEnvironment(secretVariable("KAFKA_LOGIN"), this.#login.secret.secretArn)
  }

  /** The ARN of the cluster, or of a topic or group in it: all three end in the cluster's name and its UUID. */
  #arn(kind: "cluster" | "topic" | "group", name?: string): string {
    if (name === undefined) return this.cluster.attrArn
    const uuid = Fn.select(2, Fn.split("/", this.cluster.attrArn))
    return Stack.of(this).formatArn({
      service: "kafka",
      resource: kind,
      resourceName: `${this.clusterName}/${uuid}/${name}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    })
  }

  /**
   * The topic, and of the requests also the one of the generation before: it may be shown, and read if a deployment is undone.
   */
  #topicArns(key: TopicKey): string[] {
    const before = key === "reservationRequests" ? generationBefore(this.#stage) : undefined
    const names = [topicNameOf(this.#stage, key), ...(before === undefined ? [] : [requestsTopicOf(before)])]
    return names.map((name) => this.#arn("topic", name))
  }

  #configuration(kind: "express" | "standard"): CfnCluster.ConfigurationInfoProperty {
    const replication = this.#replication
    // Express brokers keep three copies, two of them in sync, and refuse these settings. After an unclean leader election the
    // writer would find offsets below its watermark that it never decided, and stop the partition (OffsetsDisagree).
    const durability = {
      "default.replication.factor": replication.factor,
      "min.insync.replicas": replication.minInSyncReplicas,
      "unclean.leader.election.enable": replication.uncleanLeaderElection,
    }
    const properties = { "auto.create.topics.enable": false, "delete.topic.enable": true, ...(kind === "standard" && durability) }
    const configuration = new CfnConfiguration(this, "Configuration", {
      name: this.clusterName,
      kafkaVersionsList: [kafkaVersion],
      serverProperties: Object.entries(properties)
        .map(([name, value]) => `${name}=${value}`)
        .join("\n"),
    })
    return { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision }
  }

  get #replication() {
    const { availabilityZones, kafka } = this.#stage
    return replicationOn(availabilityZones.length * kafka.brokersPerZone)
  }

  #topic({ name, partitions, retentionMs }: TopicDefinition): CfnTopic {
    const replication = this.#replication
    const durability = {
      "min.insync.replicas": String(replication.minInSyncReplicas),
      "unclean.leader.election.enable": String(replication.uncleanLeaderElection),
    }
    const configs = { "retention.ms": String(retentionMs), ...(this.#stage.kafka.kind === "standard" && durability) }
    const topic = new CfnTopic(this, `Topic-${name}`, {
      clusterArn: this.cluster.attrArn,
      topicName: name,
      partitionCount: partitions,
      replicationFactor: replication.factor,
      configs: Buffer.from(JSON.stringify(configs)).toString("base64"),
    })
    topic.applyRemovalPolicy(removalPolicyOf(this.#stage))
    return topic
  }
}
