import { mutantsOf } from "../mutant.ts"

const log = mutantsOf("lib/constructs/standby-log.ts", "disaster-recovery")
const database = mutantsOf("lib/constructs/standby-database.ts", "disaster-recovery")
const failover = mutantsOf("lib/constructs/failover.ts", "disaster-recovery")
const stack = mutantsOf("lib/stacks/disaster-recovery.ts", "disaster-recovery")
const alarm = mutantsOf("lib/constructs/alarms/recovery.ts", "disaster-recovery")

/** What the second region has, and when its name is used. */
export const recovery = [
  log("a second region follows", "one topic does not", "topicsToReplicate: Object.values(topics).map", "topicsToReplicate: Object.values(topics).slice(1).map"),
  log("a second region follows", "groups do not", "synchroniseConsumerGroupOffsets: true", "synchroniseConsumerGroupOffsets: false"),
  log("a second region follows", "offsets meet a watermark", "PREFIXED_WITH_SOURCE_CLUSTER_ALIAS", "IDENTICAL"),
  log("a second region follows", "from now on only", 'startingPosition: { type: "EARLIEST" }', 'startingPosition: { type: "LATEST" }'),
  log("a second region follows", "plain text between brokers", "inCluster: true", "inCluster: false"),
  log("a second region follows", "anonymous clients", "unauthenticated: { enabled: false }", "unauthenticated: { enabled: true }"),
  log("a second region follows", "two brokers", "const zones = 3", "const zones = 2"),
  log("a second region follows", "without IAM, nobody notices", 'stage.kafka.auth !== "iam"', 'stage.name !== "prod"'),
  database("a second region follows", "of itself", "sourceDbInstanceIdentifier: sourceDatabaseArn", "sourceDbInstanceIdentifier: this.identifier"),
  database("a second region follows", "from another region", "sourceRegion: stage.region", 'sourceRegion: "us-east-1"'),
  database("a second region follows", "in one zone", "multiAz: true", "multiAz: false"),
  database("a second region follows", "smaller", "`db.${new InstanceType(stage.database.instanceType).toString()}`", '"db.t4g.medium"'),
  database("a second region follows", "no key of its region", "      kmsKeyId: key.keyArn,\n", ""),
  database("a second region follows", "open to everybody", "publiclyAccessible: false", "publiclyAccessible: true"),
  database("a second region follows", "cannot restore itself", "Duration.days(stage.database.backupRetentionDays).toDays()", "0"),
  database("a second region follows", "may be deleted", "deletionProtection: stage.retainData", "deletionProtection: false"),
  stack("a second region follows", "anybody of AWS connects", 'new ServicePrincipal("kafka.amazonaws.com")', 'new ServicePrincipal("ec2.amazonaws.com")'),
  stack("a second region follows", "zones of the first", "stage: { ...stage, region, availabilityZones, network:", "stage: { ...stage, region, network:"),
  alarm("a second region follows", "five minutes behind", "above: 30", "above: 300"),
  alarm("a second region follows", "silence is fine", 'silence: "alarming"', 'silence: "fine"'),

  failover("a person moves the name", "a probe does", "healthCheckId: chosen.attrHealthCheckId", "healthCheckId: probe.attrHealthCheckId"),
  failover("a person moves the name", "a probe decides through the switch", "healthThreshold: 0", "healthThreshold: 1"),
  failover("a person moves the name", "without a standby too", "    standby.cfnOptions.condition = ", "    const _unused = "),
  failover("a person moves the name", "both regions at once", "failover: role,", 'failover: "PRIMARY",'),
  failover("a person moves the name", "an hour later", "recordTtlSeconds = 30", "recordTtlSeconds = 3_600"),
  mutantsOf("lib/stacks/edge.ts", "templates")("a person moves the name", "the edge takes it", "recordName: `${siteName}.`, target })\n    new Aaaa", "recordName: `api.${siteName.slice(5)}.`, target })\n    new Aaaa"),
  mutantsOf("lib/constructs/http-api.ts", "templates")("a person moves the name", "two stacks have it", "stage.disasterRecovery === undefined", "stage.disasterRecovery !== null"),
]
