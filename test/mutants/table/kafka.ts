import { type BrokenPromise, inFile } from "../mutant.ts"

const log = inFile("lib/constructs/event-log.ts", "data")
const table = inFile("core/contracts/topics.ts", "data")
const login = inFile("lib/constructs/kafka-login.ts", "data")
const access = inFile("lib/constructs/kafka-access.ts", "data")
const app = inFile("lib/stacks/app.ts", "app")
const source = inFile("lib/constructs/event-source.ts", "app")
const shared = inFile("lib/stages/shared.ts", "guardrails")

/** The log, its topics, and the event sources that read it. */
export const kafkaMutants: readonly BrokenPromise[] = [
  {
    promise: "three brokers in three zones",
    mutants: [
      { ...log, name: "two", replace: "stage.availabilityZones.length * kafka", with: "2 * kafka" },
      {
        ...log,
        name: "in two zones",
        replace: "clientSubnets: network.vpc.selectSubnets(network.dataSubnets).subnetIds,",
        with: "clientSubnets: network.vpc.selectSubnets(network.dataSubnets).subnetIds.slice(0, 2),",
      },
      { ...log, name: "of another size", replace: "instanceType: kafka.instanceType", with: 'instanceType: "kafka.t3.small"' },
    ],
  },
  {
    promise: "topics are those of the table",
    mutants: [
      { ...log, name: "one partition more", replace: "partitionCount: partitions", with: "partitionCount: partitions + 1" },
      {
        ...log,
        name: "another name",
        replace: ["topicName: name,", "      partition"],
        with: ['topicName: name + "-2",', "      partition"],
      },
      {
        ...log,
        name: "records go after a day",
        replace: '"retention.ms": String(retentionMs), ...(',
        with: '"retention.ms": "86400000", ...(',
      },
      {
        ...log,
        name: "made by whoever writes",
        replace: '"auto.create.topics.enable": false',
        with: '"auto.create.topics.enable": true',
      },
      {
        ...table,
        name: "requests are kept for a day",
        replace: ["7 * days,", '    groups: ["inventory'],
        with: ["1 * days,", '    groups: ["inventory'],
      },
    ],
  },
  {
    promise: "an acknowledged record is not lost",
    mutants: [
      { ...log, name: "two copies of a topic", replace: "replicationFactor: replication.factor", with: "replicationFactor: 2" },
      { ...table, name: "one copy will do", replace: "minInSyncReplicas: 2", with: "minInSyncReplicas: 1" },
      { ...table, name: "two copies", replace: "factor: 3", with: "factor: 2" },
      { ...table, name: "a leader that lacks it", replace: "uncleanLeaderElection: false", with: "uncleanLeaderElection: true" },
      {
        ...log,
        name: "one copy will do by default",
        replace: '"min.insync.replicas": replication.minInSyncReplicas,',
        with: '"min.insync.replicas": 1,',
      },
      {
        ...log,
        name: "a leader that lacks it by default",
        replace: '"unclean.leader.election.enable": replication.uncleanLeaderElection,',
        with: '"unclean.leader.election.enable": true,',
      },
    ],
  },
  {
    promise: "Kafka is closed and encrypted",
    mutants: [
      {
        ...log,
        name: "anonymous clients",
        replace: "unauthenticated: { enabled: false }",
        with: "unauthenticated: { enabled: true }",
      },
      { ...log, name: "plain text too", replace: 'clientBroker: "TLS"', with: 'clientBroker: "TLS_PLAINTEXT"' },
      { ...log, name: "plain text between brokers", replace: "inCluster: true", with: "inCluster: false" },
      { ...log, name: "no key of ours", replace: "        encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },\n", with: "" },
      {
        ...log,
        killedBy: "network",
        name: "open to the world",
        replace: 'this.connections.allowInternally(port, "pollers")',
        with: 'this.connections.allowFromAnyIpv4(port, "pollers")',
      },
      {
        ...log,
        name: "pollers cannot reach the brokers",
        replace: '    this.connections.allowInternally(port, "pollers")\n',
        with: "",
      },
    ],
  },
  {
    promise: "SCRAM as MSK wants it",
    mutants: [
      { ...login, name: "without the prefix", replace: "AmazonMSK_", with: "" },
      { ...login, name: "under AWS's key", replace: "    encryptionKey: key,\n", with: "" },
      {
        ...login,
        name: "the cluster does not know it",
        replace: "  new CfnBatchScramSecret(",
        with: "  if (stage.name === undefined) new CfnBatchScramSecret(",
      },
      {
        ...app,
        name: "the pollers have no login",
        replace: "...(feed.login && { scramSecretArn: feed.login.secretArn }),",
        with: "",
      },
    ],
  },
  {
    promise: "brokers are asked for by a custom resource",
    mutants: [
      { ...app, name: "without the right to ask", replace: "kafka:GetBootstrapBrokers", with: "kafka:ListClusters" },
      { ...app, name: "always for those of IAM", replace: "Auth: stage.kafka.auth", with: 'Auth: "iam"' },
      {
        ...app,
        name: "nobody asks",
        replace: 'new DeploymentStep(this, "Brokers", { stage, function: asker, properties }).resource.getAttString("Brokers")',
        with: "data.log.clusterName + JSON.stringify(properties)",
      },
    ],
  },
  {
    promise: "Kafka's own actions are granted",
    mutants: [
      { ...access, name: "pollers may not read", replace: '["DescribeTopic", "ReadData"]', with: '["DescribeTopic"]' },
      { ...access, name: "pollers may not commit", replace: '["DescribeGroup", "AlterGroup"]', with: '["DescribeGroup"]' },
      { ...access, name: "producers may not write", replace: '["DescribeTopic", "WriteData"]', with: '["DescribeTopic"]' },
      {
        ...access,
        killedBy: "app",
        name: "producers may not connect",
        replace: ["topic: string): PolicyStatement[] => [", '  allow(["Connect"], [cluster]),'],
        with: "topic: string): PolicyStatement[] => [",
      },
    ],
  },
  {
    promise: "an event source waits for nothing and drops nothing",
    mutants: [
      {
        ...source,
        name: "pollers scale",
        replace: "maximumPollers: config.pollers.maximum",
        with: "maximumPollers: 10 * config.pollers.maximum",
      },
      {
        ...source,
        name: "pollers of Lambda's choice",
        replace:
          "      provisionedPollerConfig: { minimumPollers: config.pollers.minimum, maximumPollers: config.pollers.maximum },\n",
        with: "",
      },
      {
        ...source,
        name: "half a second by default",
        replace: "      maximumBatchingWindowInSeconds: config.maximumBatchingWindowSeconds,\n",
        with: "",
      },
      {
        ...shared,
        name: "a window of a second",
        replace: ["batchSize: 2_000,", "    maximumBatchingWindowSeconds: 0"],
        with: ["batchSize: 2_000,", "    maximumBatchingWindowSeconds: 1"],
      },
      { ...shared, killedBy: "app", name: "batches of 100", replace: "batchSize: 2_000", with: "batchSize: 100" },
      { ...source, name: "ten retries", replace: "maximumRetryAttempts: config.retryAttempts", with: "maximumRetryAttempts: 10" },
      {
        ...shared,
        name: "ten retries of an event",
        replace: [
          "batchSize: 500,",
          "    maximumBatchingWindowSeconds: 0,",
          "    pollers: { minimum: 1, maximum: 1 },",
          "    retryAttempts: -1",
        ],
        with: [
          "batchSize: 500,",
          "    maximumBatchingWindowSeconds: 0,",
          "    pollers: { minimum: 1, maximum: 1 },",
          "    retryAttempts: 10",
        ],
      },
      {
        ...source,
        name: "a destination for failures",
        replace: 'startingPosition: "TRIM_HORIZON",',
        with: ['startingPosition: "TRIM_HORIZON",', "      destinationConfig: { onFailure: { destination: props.clusterArn } },"],
      },
      {
        ...source,
        name: "begins with the latest",
        replace: 'startingPosition: "TRIM_HORIZON"',
        with: 'startingPosition: "LATEST"',
      },
      {
        ...source,
        name: "a group without a name",
        replace: "      amazonManagedKafkaEventSourceConfig: { consumerGroupId: props.group },\n",
        with: "",
      },
      { ...source, name: "all or nothing", replace: '      functionResponseTypes: ["ReportBatchItemFailures"],\n', with: "" },
    ],
  },
]
