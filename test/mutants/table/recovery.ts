import { type BrokenPromise, inFile } from "../mutant.ts"

const log = inFile("lib/constructs/standby-log.ts", "disaster-recovery")
const database = inFile("lib/constructs/standby-database.ts", "disaster-recovery")
const failover = inFile("lib/constructs/failover.ts", "disaster-recovery")
const stack = inFile("lib/stacks/disaster-recovery.ts", "disaster-recovery")
const alarm = inFile("lib/alarms/recovery.ts", "disaster-recovery")

/** What the second region has, and when its name is used. */
export const recoveryMutants: readonly BrokenPromise[] = [
  {
    promise: "a second region follows",
    mutants: [
      {
        ...log,
        name: "one topic is not replicated",
        replace: "topicsToReplicate: (Object.keys(topics) as TopicKey[]).map",
        with: "topicsToReplicate: (Object.keys(topics) as TopicKey[]).slice(1).map",
      },
      {
        ...log,
        name: "consumer groups are not replicated",
        replace: "synchroniseConsumerGroupOffsets: true",
        with: "synchroniseConsumerGroupOffsets: false",
      },
      { ...log, name: "the copy has the name of its source", replace: "PREFIXED_WITH_SOURCE_CLUSTER_ALIAS", with: "IDENTICAL" },
      {
        ...log,
        name: "replication starts at the latest offset",
        replace: 'startingPosition: { type: "EARLIEST" }',
        with: 'startingPosition: { type: "LATEST" }',
      },
      { ...log, name: "plain text between brokers", replace: "inCluster: true", with: "inCluster: false" },
      {
        ...log,
        name: "anonymous clients",
        replace: "unauthenticated: { enabled: false }",
        with: "unauthenticated: { enabled: true }",
      },
      { ...log, name: "two brokers", replace: "const zones = 3", with: "const zones = 2" },
      { ...log, name: "a log without IAM is accepted", replace: 'stage.kafka.auth !== "iam"', with: 'stage.name !== "prod"' },
      {
        ...database,
        name: "the replica's source is itself",
        replace: "sourceDbInstanceIdentifier: sourceDatabaseArn",
        with: "sourceDbInstanceIdentifier: this.identifier",
      },
      {
        ...database,
        name: "the source is in another region",
        replace: "sourceRegion: stage.region",
        with: 'sourceRegion: "us-east-1"',
      },
      { ...database, name: "a replica in one zone", replace: "multiAz: true", with: "multiAz: false" },
      {
        ...database,
        name: "a smaller replica",
        replace: "`db.${new InstanceType(stage.database.instanceType).toString()}`",
        with: '"db.t4g.medium"',
      },
      { ...database, name: "no key of the second region", replace: "      kmsKeyId: key.keyArn,\n", with: "" },
      { ...database, name: "a public replica", replace: "publiclyAccessible: false", with: "publiclyAccessible: true" },
      {
        ...database,
        name: "no backups of the replica",
        replace: "Duration.days(stage.database.backupRetentionDays).toDays()",
        with: "0",
      },
      {
        ...database,
        name: "the replica may be deleted",
        replace: "deletionProtection: stage.retainData",
        with: "deletionProtection: false",
      },
      {
        ...stack,
        name: "another service may connect",
        replace: 'new ServicePrincipal("kafka.amazonaws.com")',
        with: 'new ServicePrincipal("ec2.amazonaws.com")',
      },
      {
        ...stack,
        name: "zones of the first region",
        replace: "stage: { ...stage, region, availabilityZones, network:",
        with: "stage: { ...stage, region, network:",
      },
      { ...alarm, name: "a lag of five minutes", replace: "recoveryPointSeconds = 30", with: "recoveryPointSeconds = 300" },
      {
        ...alarm,
        name: "missing data is fine",
        replace: ["datapoints: 2,", '    silence: "alarming"'],
        with: ["datapoints: 2,", '    silence: "fine"'],
      },
      {
        ...alarm,
        name: "a replicator that does not run is fine",
        replace: ["datapoints: 5,", '    silence: "alarming"'],
        with: ["datapoints: 5,", '    silence: "fine"'],
      },
    ],
  },
  {
    promise: "an operator moves the name",
    mutants: [
      {
        ...failover,
        name: "a probe moves it",
        replace: "healthCheckId: chosen.attrHealthCheckId",
        with: "healthCheckId: probe.attrHealthCheckId",
      },
      { ...failover, name: "a probe changes the switch", replace: "healthThreshold: 0", with: "healthThreshold: 1" },
      {
        ...failover,
        name: "a standby record without a standby",
        replace: "    standby.cfnOptions.condition = ",
        with: "    const _unused = ",
      },
      { ...failover, name: "both regions are primary", replace: "failover: role,", with: 'failover: "PRIMARY",' },
      { ...failover, name: "the name is cached for an hour", replace: "recordTtlSeconds = 30", with: "recordTtlSeconds = 3_600" },
      {
        ...inFile("lib/stacks/edge.ts", "templates"),
        name: "the edge has the record",
        replace: ["recordName: `${siteName}.`, target })", "    new Aaaa"],
        with: ["recordName: `api.${siteName.slice(5)}.`, target })", "    new Aaaa"],
      },
      {
        ...inFile("lib/constructs/http-api.ts", "templates"),
        name: "two stacks have the record",
        replace: "stage.disasterRecovery === undefined",
        with: "stage.disasterRecovery !== null",
      },
    ],
  },
]
