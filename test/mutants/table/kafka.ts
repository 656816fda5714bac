import { type BrokenPromise, inFile } from "../mutant.ts"

const log = inFile("lib/constructs/event-log.ts", "data")
const table = inFile("core/contracts/topics.ts", "data")
const login = inFile("lib/constructs/kafka-login.ts", "data")
const access = inFile("lib/constructs/kafka-access.ts", "data")
const app = inFile("lib/stacks/app.ts", "app")
const source = inFile("lib/constructs/event-source.ts", "app")
const reactorSource = [
  "    isWaitedFor: true,",
  "    eventSource: {",
  "      batchSize: 500,",
  "      maximumBatchingWindowSeconds: 0,",
  "      pollers: { minimum: 1, maximum: 1 },",
]
const groups = inFile("core/contracts/consumer-groups.ts", "guardrails")

/** The log, its topics, and the event sources that read it. */
export const kafkaMutants: readonly BrokenPromise[] = [
  {
    promise: "three brokers in three zones",
    mutants: [
      { ...log, name: "two brokers", replace: "stage.availabilityZones.length * kafka", with: "2 * kafka" },
      {
        ...log,
        name: "brokers in two zones",
        replace: "clientSubnets: network.vpc.selectSubnets(network.dataSubnets).subnetIds,",
        with: "clientSubnets: network.vpc.selectSubnets(network.dataSubnets).subnetIds.slice(0, 2),",
      },
      {
        ...log,
        name: "brokers of another size",
        replace: "instanceType: kafka.instanceType",
        with: 'instanceType: "kafka.t3.small"',
      },
    ],
  },
  {
    promise: "topics match the table of topics",
    mutants: [
      { ...log, name: "one partition too many", replace: "partitionCount: partitions", with: "partitionCount: partitions + 1" },
      {
        ...log,
        name: "topics have another name",
        replace: ["topicName: name,", "      partition"],
        with: ['topicName: name + "-2",', "      partition"],
      },
      {
        ...log,
        name: "records are kept for a day",
        replace: '"retention.ms": String(retentionMs), ...(',
        with: '"retention.ms": "86400000", ...(',
      },
      {
        ...log,
        name: "writing creates a topic",
        replace: '"auto.create.topics.enable": false',
        with: '"auto.create.topics.enable": true',
      },
      {
        ...table,
        name: "requests are kept for a day",
        replace: ["7 * days,", "    watermarked: true"],
        with: ["1 * days,", "    watermarked: true"],
      },
    ],
  },
  {
    promise: "an acknowledged record is not lost",
    mutants: [
      { ...log, name: "two copies of a topic", replace: "replicationFactor: replication.factor", with: "replicationFactor: 2" },
      { ...table, name: "one copy in sync is enough", replace: "minInSyncReplicas: 2", with: "minInSyncReplicas: 1" },
      { ...table, name: "two copies", replace: "factor: 3", with: "factor: 2" },
      {
        ...table,
        name: "a leader without the record",
        replace: "uncleanLeaderElection: false",
        with: "uncleanLeaderElection: true",
      },
      {
        ...log,
        name: "one copy in sync is enough by default",
        replace: '"min.insync.replicas": replication.minInSyncReplicas,',
        with: '"min.insync.replicas": 1,',
      },
      {
        ...log,
        name: "a leader without the record by default",
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
      { ...log, name: "plain text is allowed", replace: 'clientBroker: "TLS"', with: 'clientBroker: "TLS_PLAINTEXT"' },
      { ...log, name: "plain text between brokers", replace: "inCluster: true", with: "inCluster: false" },
      {
        ...log,
        name: "storage is not encrypted with our key",
        replace: "        encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },\n",
        with: "",
      },
      {
        ...log,
        killedBy: "network",
        name: "brokers are open to the internet",
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
    promise: "SCRAM logins as MSK requires them",
    mutants: [
      { ...login, name: "without the prefix", replace: "AmazonMSK_", with: "" },
      { ...login, name: "with the key of AWS", replace: "    encryptionKey: key,\n", with: "" },
      {
        ...login,
        name: "the cluster does not know the secret",
        replace: "  new CfnBatchScramSecret(",
        with: "  if (stage.name === undefined) new CfnBatchScramSecret(",
      },
      {
        ...source,
        name: "the pollers have no login",
        replace: "...(login && {",
        with: "...(stage.name === undefined && login && {",
      },
    ],
  },
  {
    promise: "a custom resource reads the brokers' addresses",
    mutants: [
      { ...app, name: "without the permission to read them", replace: "kafka:GetBootstrapBrokers", with: "kafka:ListClusters" },
      { ...app, name: "always the addresses for IAM", replace: "Auth: stage.kafka.auth", with: 'Auth: "iam"' },
      {
        ...app,
        name: "nobody reads them",
        replace: 'new DeploymentStep(this, "Brokers", { stage, function: asker, properties }).resource.getAttString("Brokers")',
        with: "data.log.clusterName + JSON.stringify(properties)",
      },
    ],
  },
  {
    promise: "Kafka's own actions are granted",
    mutants: [
      { ...access, name: "pollers may not read", replace: '["DescribeTopic", "ReadData"]', with: '["DescribeTopic"]' },
      {
        ...access,
        name: "pollers may not commit",
        replace: '["DescribeGroup", "AlterGroup"], groups)',
        with: '["DescribeGroup"], groups)',
      },
      { ...access, name: "producers may not write", replace: '["DescribeTopic", "WriteData"]', with: '["DescribeTopic"]' },
      {
        ...access,
        killedBy: "app",
        name: "producers may not connect",
        replace: [
          "export const produces = (cluster: string, topics: readonly string[]): PolicyStatement[] => [",
          '  allow(["Connect"], [cluster]),',
        ],
        with: "export const produces = (cluster: string, topics: readonly string[]): PolicyStatement[] => [",
      },
    ],
  },
  {
    promise: "an event source waits for nothing and drops nothing",
    mutants: [
      {
        ...source,
        name: "pollers scale",
        replace: "maximumPollers: pollers.maximum",
        with: "maximumPollers: 10 * pollers.maximum",
      },
      {
        ...source,
        name: "Lambda chooses the number of pollers",
        replace: "provisionedPollerConfig: {",
        with: "pausedPollerConfig: {",
      },
      {
        ...source,
        name: "half a second by default",
        replace: "      maximumBatchingWindowInSeconds: config.maximumBatchingWindowSeconds,\n",
        with: "",
      },
      {
        ...groups,
        name: "a window of a second",
        replace: ["batchSize: 2_000,", "      maximumBatchingWindowSeconds: 0"],
        with: ["batchSize: 2_000,", "      maximumBatchingWindowSeconds: 1"],
      },
      { ...groups, killedBy: "app", name: "batches of 100", replace: "batchSize: 2_000", with: "batchSize: 100" },
      { ...source, name: "ten retries", replace: "maximumRetryAttempts: retryAttempts", with: "maximumRetryAttempts: 10" },
      {
        ...groups,
        name: "ten retries of an event",
        replace: ['lambda: "event-reactor",', ...reactorSource, "      retryAttempts: -1"],
        with: ['lambda: "event-reactor",', ...reactorSource, "      retryAttempts: 10"],
      },
      {
        ...source,
        name: "a destination for failures",
        replace: 'startingPosition: "TRIM_HORIZON",',
        with: ['startingPosition: "TRIM_HORIZON",', "      destinationConfig: { onFailure: { destination: clusterArn } },"],
      },
      {
        ...source,
        name: "starts at the latest offset",
        replace: 'startingPosition: "TRIM_HORIZON"',
        with: 'startingPosition: "LATEST"',
      },
      {
        ...source,
        name: "the consumer group has no name",
        replace: "      amazonManagedKafkaEventSourceConfig: { consumerGroupId: groupIdOf(group, generationOf(stage)) },\n",
        with: "",
      },
      {
        ...source,
        name: "no partial failures",
        replace: '  functionResponseTypes: ["ReportBatchItemFailures"],\n',
        with: "",
      },
      {
        ...source,
        name: "the writer shares its pollers",
        replace: "!consumerGroup(group).isWaitedFor && {",
        with: "consumerGroup(group) && {",
      },
      {
        ...source,
        name: "each group has a poller unit of its own",
        replace: "!consumerGroup(group).isWaitedFor && {",
        with: 'consumerGroup(group).lambda === "none" && {',
      },
      {
        ...source,
        killedBy: "trial",
        name: "an on-demand mapping commits what its function could not finish",
        replace: "unfinishedDeliveries.thrown)",
        with: "unfinishedDeliveries.reported)",
      },
      {
        ...source,
        killedBy: "trial",
        name: "an on-demand mapping with settings that Lambda refuses",
        replace: '...(stage.eventDelivery === "provisioned" && provisioned(',
        with: "...(provisioned(",
      },
    ],
  },
]
