import { mutantsOf } from "../mutant.ts"

const log = mutantsOf("lib/constructs/event-log.ts", "data")
const table = mutantsOf("core/contracts/topics.ts", "data")
const login = mutantsOf("lib/constructs/kafka-login.ts", "data")
const access = mutantsOf("lib/constructs/kafka-access.ts", "data")
const app = mutantsOf("lib/stacks/app.ts", "app")
const source = mutantsOf("lib/constructs/event-source.ts", "app")
const shared = mutantsOf("lib/stages/shared.ts", "guardrails")

/** The log, its topics, and how a function is fed from it. */
export const kafka = [
  log("three brokers in three zones", "two", "stage.availabilityZones.length * kafka", "2 * kafka"),
  log("three brokers in three zones", "in two zones", "clientSubnets: network.vpc.selectSubnets(network.dataSubnets).subnetIds,", "clientSubnets: network.vpc.selectSubnets(network.dataSubnets).subnetIds.slice(0, 2),"),
  log("three brokers in three zones", "of another size", "instanceType: kafka.instanceType", 'instanceType: "kafka.t3.small"'),

  log("topics are those of the table", "one partition more", "partitionCount: partitions", "partitionCount: partitions + 1"),
  log("topics are those of the table", "another name", "topicName: name,\n      partition", 'topicName: name + "-2",\n      partition'),
  log("topics are those of the table", "records go after a day", '"retention.ms": String(retentionMs), ...(', '"retention.ms": "86400000", ...('),
  log("topics are those of the table", "made by whoever writes", '"auto.create.topics.enable": false', '"auto.create.topics.enable": true'),
  table("topics are those of the table", "requests are kept for a day", '7 * days,\n    groups: ["inventory', '1 * days,\n    groups: ["inventory'),

  log("an acknowledged record is not lost", "two copies of a topic", "replicationFactor: replication.factor", "replicationFactor: 2"),
  table("an acknowledged record is not lost", "one copy will do", "minInSyncReplicas: 2", "minInSyncReplicas: 1"),
  table("an acknowledged record is not lost", "two copies", "factor: 3", "factor: 2"),
  table("an acknowledged record is not lost", "a leader that lacks it", "uncleanLeaderElection: false", "uncleanLeaderElection: true"),
  log("an acknowledged record is not lost", "one copy will do by default", '"min.insync.replicas": replication.minInSyncReplicas,', '"min.insync.replicas": 1,'),
  log("an acknowledged record is not lost", "a leader that lacks it by default", '"unclean.leader.election.enable": replication.uncleanLeaderElection,', '"unclean.leader.election.enable": true,'),

  log("Kafka is closed and encrypted", "anonymous clients", "unauthenticated: { enabled: false }", "unauthenticated: { enabled: true }"),
  log("Kafka is closed and encrypted", "plain text too", 'clientBroker: "TLS"', 'clientBroker: "TLS_PLAINTEXT"'),
  log("Kafka is closed and encrypted", "plain text between brokers", "inCluster: true", "inCluster: false"),
  log("Kafka is closed and encrypted", "no key of ours", "        encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },\n", ""),
  log("Kafka is closed and encrypted", "open to the world", 'this.connections.allowInternally(port, "pollers")', 'this.connections.allowFromAnyIpv4(port, "pollers")', "network"),
  log("Kafka is closed and encrypted", "pollers cannot reach the brokers", '    this.connections.allowInternally(port, "pollers")\n', ""),

  login("SCRAM as MSK wants it", "without the prefix", "AmazonMSK_", ""),
  login("SCRAM as MSK wants it", "under AWS's key", "    encryptionKey: key,\n", ""),
  login("SCRAM as MSK wants it", "the cluster does not know it", "  new CfnBatchScramSecret(", "  if (stage.name === undefined) new CfnBatchScramSecret("),
  app("SCRAM as MSK wants it", "the pollers have no login", "...(feed.login && { scramSecretArn: feed.login.secretArn }),", ""),

  app("brokers are asked for by a custom resource", "without the right to ask", "kafka:GetBootstrapBrokers", "kafka:ListClusters"),
  app("brokers are asked for by a custom resource", "always for those of IAM", "Auth: stage.kafka.auth", 'Auth: "iam"'),
  app("brokers are asked for by a custom resource", "nobody asks", 'new DeploymentStep(this, "Brokers", { stage, function: asker, properties }).resource.getAttString("Brokers")', "data.log.clusterName + JSON.stringify(properties)"),

  access("Kafka's own actions are granted", "pollers may not read", '["DescribeTopic", "ReadData"]', '["DescribeTopic"]'),
  access("Kafka's own actions are granted", "pollers may not commit", '["DescribeGroup", "AlterGroup"]', '["DescribeGroup"]'),
  access("Kafka's own actions are granted", "producers may not write", '["DescribeTopic", "WriteData"]', '["DescribeTopic"]'),
  access("Kafka's own actions are granted", "producers may not connect", 'topic: string): PolicyStatement[] => [\n  allow(["Connect"], [cluster]),', "topic: string): PolicyStatement[] => [", "app"),

  source("an event source waits for nothing and drops nothing", "pollers scale", "maximumPollers: config.pollers.maximum", "maximumPollers: 10 * config.pollers.maximum"),
  source("an event source waits for nothing and drops nothing", "pollers of Lambda's choice", "      provisionedPollerConfig: { minimumPollers: config.pollers.minimum, maximumPollers: config.pollers.maximum },\n", ""),
  source("an event source waits for nothing and drops nothing", "half a second by default", "      maximumBatchingWindowInSeconds: config.maximumBatchingWindowSeconds,\n", ""),
  shared("an event source waits for nothing and drops nothing", "a window of a second", "batchSize: 2_000,\n    maximumBatchingWindowSeconds: 0", "batchSize: 2_000,\n    maximumBatchingWindowSeconds: 1"),
  shared("an event source waits for nothing and drops nothing", "batches of 100", "batchSize: 2_000", "batchSize: 100", "app"),
  source("an event source waits for nothing and drops nothing", "ten retries", "maximumRetryAttempts: config.retryAttempts", "maximumRetryAttempts: 10"),
  shared(
    "an event source waits for nothing and drops nothing",
    "ten retries of an event",
    "batchSize: 500,\n    maximumBatchingWindowSeconds: 0,\n    pollers: { minimum: 1, maximum: 1 },\n    retryAttempts: -1",
    "batchSize: 500,\n    maximumBatchingWindowSeconds: 0,\n    pollers: { minimum: 1, maximum: 1 },\n    retryAttempts: 10",
  ),
  source("an event source waits for nothing and drops nothing", "a destination for failures", 'startingPosition: "TRIM_HORIZON",', 'startingPosition: "TRIM_HORIZON",\n      destinationConfig: { onFailure: { destination: props.clusterArn } },'),
  source("an event source waits for nothing and drops nothing", "begins with the latest", 'startingPosition: "TRIM_HORIZON"', 'startingPosition: "LATEST"'),
  source("an event source waits for nothing and drops nothing", "a group without a name", "      amazonManagedKafkaEventSourceConfig: { consumerGroupId: props.group },\n", ""),
  source("an event source waits for nothing and drops nothing", "all or nothing", '      functionResponseTypes: ["ReportBatchItemFailures"],\n', ""),
]
