import { type BrokenPromise, inFile } from "../mutant.ts"

const log = inFile("lib/constructs/standby-log.ts", "disaster-recovery")
const database = inFile("lib/constructs/standby-database.ts", "disaster-recovery")
const failover = inFile("lib/constructs/failover.ts", "disaster-recovery")
const stack = inFile("lib/stacks/disaster-recovery.ts", "disaster-recovery")
const alarm = inFile("lib/constructs/alarms/recovery.ts", "disaster-recovery")

/** What the second region has, and when its name is used. */
export const recoveryMutants: readonly BrokenPromise[] = [
  {
    promise: "a second region follows",
    mutants: [
      {
        ...log,
        name: "one topic does not",
        replace: "topicsToReplicate: Object.values(topics).map",
        with: "topicsToReplicate: Object.values(topics).slice(1).map",
      },
      {
        ...log,
        name: "groups do not",
        replace: "synchroniseConsumerGroupOffsets: true",
        with: "synchroniseConsumerGroupOffsets: false",
      },
      { ...log, name: "offsets meet a watermark", replace: "PREFIXED_WITH_SOURCE_CLUSTER_ALIAS", with: "IDENTICAL" },
      {
        ...log,
        name: "from now on only",
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
      { ...log, name: "without IAM, nobody notices", replace: 'stage.kafka.auth !== "iam"', with: 'stage.name !== "prod"' },
      {
        ...database,
        name: "of itself",
        replace: "sourceDbInstanceIdentifier: sourceDatabaseArn",
        with: "sourceDbInstanceIdentifier: this.identifier",
      },
      { ...database, name: "from another region", replace: "sourceRegion: stage.region", with: 'sourceRegion: "us-east-1"' },
      { ...database, name: "in one zone", replace: "multiAz: true", with: "multiAz: false" },
      {
        ...database,
        name: "smaller",
        replace: "`db.${new InstanceType(stage.database.instanceType).toString()}`",
        with: '"db.t4g.medium"',
      },
      { ...database, name: "no key of its region", replace: "      kmsKeyId: key.keyArn,\n", with: "" },
      { ...database, name: "open to everybody", replace: "publiclyAccessible: false", with: "publiclyAccessible: true" },
      {
        ...database,
        name: "cannot restore itself",
        replace: "Duration.days(stage.database.backupRetentionDays).toDays()",
        with: "0",
      },
      { ...database, name: "may be deleted", replace: "deletionProtection: stage.retainData", with: "deletionProtection: false" },
      {
        ...stack,
        name: "anybody of AWS connects",
        replace: 'new ServicePrincipal("kafka.amazonaws.com")',
        with: 'new ServicePrincipal("ec2.amazonaws.com")',
      },
      {
        ...stack,
        name: "zones of the first",
        replace: "stage: { ...stage, region, availabilityZones, network:",
        with: "stage: { ...stage, region, network:",
      },
      { ...alarm, name: "five minutes behind", replace: "above: 30", with: "above: 300" },
      { ...alarm, name: "silence is fine", replace: 'silence: "alarming"', with: 'silence: "fine"' },
    ],
  },
  {
    promise: "a person moves the name",
    mutants: [
      {
        ...failover,
        name: "a probe does",
        replace: "healthCheckId: chosen.attrHealthCheckId",
        with: "healthCheckId: probe.attrHealthCheckId",
      },
      { ...failover, name: "a probe decides through the switch", replace: "healthThreshold: 0", with: "healthThreshold: 1" },
      {
        ...failover,
        name: "without a standby too",
        replace: "    standby.cfnOptions.condition = ",
        with: "    const _unused = ",
      },
      { ...failover, name: "both regions at once", replace: "failover: role,", with: 'failover: "PRIMARY",' },
      { ...failover, name: "an hour later", replace: "recordTtlSeconds = 30", with: "recordTtlSeconds = 3_600" },
      {
        ...inFile("lib/stacks/edge.ts", "templates"),
        name: "the edge takes it",
        replace: ["recordName: `${siteName}.`, target })", "    new Aaaa"],
        with: ["recordName: `api.${siteName.slice(5)}.`, target })", "    new Aaaa"],
      },
      {
        ...inFile("lib/constructs/http-api.ts", "templates"),
        name: "two stacks have it",
        replace: "stage.disasterRecovery === undefined",
        with: "stage.disasterRecovery !== null",
      },
    ],
  },
]
