import { Match } from "aws-cdk-lib/assertions"
import { describe, expect, test } from "vitest"
import { replication, topics } from "../../core/contracts/topics.ts"
import type { StageConfig } from "../../lib/config.ts"
import { stages } from "../../lib/stages.ts"
import { dataStacks } from "./data-stacks.ts"

function connected(stage: StageConfig) {
  const stacks = dataStacks(stage)
  const { database, cache, log, secrets, archive } = stacks.data
  log.bootstrapBrokers = "broker-1:9098"
  const sweeper = stacks.connectable("expiry-sweeper")
  database.connect(sweeper.client, "relay")
  cache.connect(sweeper.client)
  log.produces(sweeper.client, "reservationEvents")
  secrets.grant(sweeper.client, "PAYMENT_API_KEY")
  archive.receives(sweeper.client)
  const writer = stacks.connectable("batch-writer")
  log.feeds(writer.client, "inventory-batch-writer")
  return { ...stacks.templates(), sweeper: sweeper.environment, redisUrl: stacks.data.resolve(sweeper.environment.REDIS_URL) }
}

const prod = connected(stages.prod)
const dev = connected(stages.dev)
const scram = connected({ ...stages.prod, kafka: { ...stages.prod.kafka, auth: "scram" } })

test("the table of topics follows the design: partitions, retention, three copies, two in sync, no unclean leader", () => {
  const sizes = Object.values(topics).map(({ name, partitions, retentionMs }) => [
    name,
    partitions,
    retentionMs / (24 * 3_600_000),
  ])
  expect(sizes).toEqual([
    ["reservation-requests", 10, 7],
    ["reservation-events", 10, 7],
    ["orders-confirmed", 10, 30],
    ["dead-letters", 1, 30],
  ])
  expect(replication).toEqual({ factor: 3, minInSyncReplicas: 2, uncleanLeaderElection: false })
})

describe.each([
  ["prod", prod, stages.prod],
  ["dev", dev, stages.dev],
] as const)("%s: Kafka", (_, { data }, stage) => {
  test("has brokers in three zones, encrypted on disk and in transit", () =>
    data.hasResourceProperties("AWS::MSK::Cluster", {
      NumberOfBrokerNodes: 3 * stage.kafka.brokersPerZone,
      BrokerNodeGroupInfo: {
        InstanceType: stage.kafka.instanceType,
        ClientSubnets: [Match.anyValue(), Match.anyValue(), Match.anyValue()],
      },
      EncryptionInfo: {
        EncryptionAtRest: { DataVolumeKMSKeyId: Match.anyValue() },
        EncryptionInTransit: { ClientBroker: "TLS", InCluster: true },
      },
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } }, Unauthenticated: { Enabled: false } },
    }))

  test.each(Object.values(topics))("has the topic $name as in the local run", ({ name, partitions, retentionMs }) => {
    const [topic] = Object.values(data.findResources("AWS::MSK::Topic", { Properties: { TopicName: name } }))
    expect(topic?.Properties).toMatchObject({ PartitionCount: partitions, ReplicationFactor: replication.factor })
    const configs = JSON.parse(Buffer.from(topic?.Properties.Configs, "base64").toString())
    expect(configs).toMatchObject({ "retention.ms": String(retentionMs) })
  })

  test("admits Lambda's pollers, which have the brokers' security group", () => {
    const within = Object.values(data.findResources("AWS::EC2::SecurityGroupIngress")).filter(
      ({ Properties }) => JSON.stringify(Properties.GroupId) === JSON.stringify(Properties.SourceSecurityGroupId),
    )
    expect(within.map(({ Properties }) => Properties.FromPort)).toEqual([9_098])
  })

  test("has only the topics of the table and that of the warm-up, and creates none automatically", () => {
    data.resourceCountIs("AWS::MSK::Topic", Object.keys(topics).length + 1)
    data.hasResourceProperties("AWS::MSK::Configuration", {
      ServerProperties: Match.stringLikeRegexp("auto.create.topics.enable=false"),
    })
  })
})

describe("standard brokers, which accept settings", () => {
  test("never elect a leader without an acknowledged record", () => {
    for (const { Properties } of Object.values(dev.data.findResources("AWS::MSK::Topic"))) {
      expect(JSON.parse(Buffer.from(Properties.Configs, "base64").toString())).toMatchObject({
        "unclean.leader.election.enable": "false",
        "min.insync.replicas": "2",
      })
    }
    for (const setting of ["unclean.leader.election.enable=false", "min.insync.replicas=2", "default.replication.factor=3"]) {
      dev.data.hasResourceProperties("AWS::MSK::Configuration", { ServerProperties: Match.stringLikeRegexp(setting) })
    }
  })
})

describe("brokers that ask for a password", () => {
  test("read it from a secret with MSK's prefix, under a key of ours", () => {
    scram.data.hasResourceProperties("AWS::SecretsManager::Secret", {
      Name: "AmazonMSK_flash-sale-prod",
      KmsKeyId: Match.anyValue(),
    })
    scram.data.resourceCountIs("AWS::MSK::BatchScramSecret", 1)
    expect(scram.sweeper).toMatchObject({ KAFKA_AUTH: "scram", KAFKA_LOGIN_SECRET_ARN: expect.anything() })
  })
})

describe("PostgreSQL", () => {
  const { data } = prod

  test("is in two zones, encrypted, restorable to a point in time and protected", () =>
    data.hasResource("AWS::RDS::DBInstance", {
      DeletionPolicy: "RetainExceptOnCreate",
      UpdateReplacePolicy: "Retain",
      Properties: {
        MultiAZ: true,
        StorageEncrypted: true,
        KmsKeyId: Match.anyValue(),
        BackupRetentionPeriod: stages.prod.database.backupRetentionDays,
        DeletionProtection: true,
        PubliclyAccessible: false,
        DeleteAutomatedBackups: false,
        EnablePerformanceInsights: true,
        AutoMinorVersionUpgrade: false,
      },
    }))

  test("has the connections that the guardrails assume, and accepts TLS only", () =>
    data.hasResourceProperties("AWS::RDS::DBParameterGroup", {
      Parameters: Match.objectLike({
        max_connections: String(stages.prod.database.maxConnections),
        "rds.force_ssl": "1",
        synchronous_commit: "on",
        password_encryption: "scram-sha-256",
        idle_in_transaction_session_timeout: "4000",
        lock_timeout: "5000",
      }),
    }))

  test("is in the subnets without a route to the internet", () => {
    const groups = Object.values(data.findResources("AWS::RDS::DBSubnetGroup"))
    expect(groups.length).toBeGreaterThan(0)
    for (const { Properties } of groups) {
      expect(Properties.SubnetIds).toHaveLength(3)
      for (const subnet of Properties.SubnetIds) expect(JSON.stringify(subnet)).toContain("dataSubnet")
    }
  })

  test("keeps its logs for the stage's days, not without end", () => {
    for (const name of ["postgresql", "upgrade"]) {
      data.hasResourceProperties("AWS::Logs::LogGroup", {
        LogGroupName: `/aws/rds/instance/flash-sale-prod/${name}`,
        RetentionInDays: stages.prod.logRetentionDays,
      })
    }
  })

  test("has a login for each role and one for the owner, and all of them rotate", () => {
    const rotations = Object.values(data.findResources("AWS::SecretsManager::RotationSchedule"))
    expect(rotations.map(({ Properties }) => Properties.HostedRotationLambda.RotationType).sort()).toEqual([
      ...Array(6).fill("PostgreSQLMultiUser"),
      "PostgreSQLSingleUser",
    ])
    for (const { Properties } of rotations) {
      expect(Properties).toMatchObject({
        RotateImmediatelyOnUpdate: false,
        RotationRules: { ScheduleExpression: "rate(30 days)" },
      })
    }
  })

  test("has a replica for analysts that admits no connection", () => {
    const replicas = Object.values(data.findResources("AWS::RDS::DBInstance")).filter(
      ({ Properties }) => Properties.SourceDBInstanceIdentifier !== undefined,
    )
    expect(replicas).toHaveLength(stages.prod.database.analyticsReplicas)
    // A quarter of its source, and the smallest that PostgreSQL allows.
    for (const { Properties } of replicas) expect(Properties.DBInstanceClass).toBe("db.r8g.xlarge")
    for (const { Properties } of replicas)
      expect(JSON.stringify(Properties.VPCSecurityGroups)).toMatch(/^\[[^,]*Analytics[^,]*,[^,]*\]$/)
    for (const template of [prod.data, prod.code]) {
      const ways = Object.values(template.findResources("AWS::EC2::SecurityGroupIngress"))
      expect(JSON.stringify(ways)).not.toContain("Analytics")
    }
  })
})

describe("the origin secret", () => {
  test("has a replica in the region of the edge, which reads secrets of its own region only", () =>
    prod.data.hasResourceProperties("AWS::SecretsManager::Secret", {
      Name: "flash-sale/prod/ORIGIN_SECRET",
      ReplicaRegions: [{ Region: "us-east-1" }],
    }))
})

describe("Valkey", () => {
  test("is on nodes, cluster mode off, fails over, speaks TLS and asks for a token", () =>
    prod.data.hasResourceProperties("AWS::ElastiCache::ReplicationGroup", {
      Engine: "valkey",
      ClusterMode: "disabled",
      NumCacheClusters: 1 + stages.prod.cache.replicas,
      MultiAZEnabled: true,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: "required",
      AtRestEncryptionEnabled: true,
      AuthToken: Match.anyValue(),
    }))

  test("refuses writes and never evicts, and is read at its primary", () => {
    prod.data.hasResourceProperties("AWS::ElastiCache::ParameterGroup", {
      Properties: Match.objectLike({ "maxmemory-policy": "noeviction", "cluster-enabled": "no" }),
    })
    prod.data.resourceCountIs("AWS::ElastiCache::ServerlessCache", 0)
    expect(prod.sweeper.REDIS_URL).toMatch(/^rediss:\/\//)
    expect(JSON.stringify(prod.redisUrl)).toContain("PrimaryEndPoint.Address")
  })
})

describe("the archive of the ledger", () => {
  test("lets nobody change or delete its objects", () =>
    prod.data.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: "COMPLIANCE", Days: 2_555 } } },
        VersioningConfiguration: { Status: "Enabled" },
      },
    }))
})

describe("connecting a function", () => {
  const statements = Object.values(prod.code.findResources("AWS::IAM::Policy")).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[],
  )
  const actions = new Set(statements.flatMap(({ Action }) => Action))

  test("grants rights, opens the network path and sets the environment in one call", () => {
    expect(Object.keys(prod.sweeper).sort()).toEqual([
      "DATABASE_RELAY_SECRET_ARN",
      "KAFKA_AUTH",
      "KAFKA_BROKERS",
      "LEDGER_ARCHIVE_BUCKET",
      "PAYMENT_API_KEY_SECRET_ARN",
      "REDIS_AUTH_TOKEN_SECRET_ARN",
      "REDIS_URL",
    ])
    const ports = Object.values(prod.code.findResources("AWS::EC2::SecurityGroupIngress")).map(
      ({ Properties }) => Properties.FromPort,
    )
    expect(ports.sort()).toEqual([5_433, 6_380, 9_098])
  })

  test("grants Kafka's own actions, which CDK's event source does not grant", () => {
    expect(actions).toContain("kafka-cluster:ReadData")
    expect(actions).toContain("kafka-cluster:AlterGroup")
    expect(actions).toContain("kafka-cluster:WriteData")
  })

  test("grants no wildcard but the network interfaces of the pollers, which cannot be named", () => {
    expect([...actions].filter((action) => action.includes("*"))).toEqual([])
    const wild = statements.filter(({ Resource }) => JSON.stringify(Resource).includes("*"))
    expect(wild.flatMap(({ Action }) => Action).every((action) => action.startsWith("ec2:"))).toBe(true)
  })

  test("lets nobody delete from the archive, nor use a key except through the service that it protects", () => {
    expect([...actions].filter((action) => action.startsWith("s3:"))).toEqual(["s3:PutObject"])
    const decrypting = statements.filter(({ Action }) => [Action].flat().includes("kms:Decrypt"))
    expect(decrypting.length).toBeGreaterThan(0)
    for (const statement of decrypting) {
      expect(statement).toMatchObject({
        Condition: { StringEquals: { "kms:ViaService": `secretsmanager.${stages.prod.region}.amazonaws.com` } },
      })
    }
  })

  test("does not make a data stack depend on the app stack", () => {
    expect(JSON.stringify(prod.data.toJSON())).not.toContain("Code:")
  })
})
