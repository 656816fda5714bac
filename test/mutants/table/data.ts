import { mutantsOf } from "../mutant.ts"

const database = mutantsOf("lib/constructs/database.ts", "data")
const parameters = mutantsOf("lib/constructs/database-parameters.ts", "data")
const logins = mutantsOf("lib/constructs/database-logins.ts", "data")
const rotation = mutantsOf("lib/constructs/secret-rotation.ts", "secret-rotation")
const replica = mutantsOf("lib/constructs/analytics-replica.ts", "data")
const cache = mutantsOf("lib/constructs/cache.ts", "data")
const retention = mutantsOf("lib/constructs/retention.ts", "templates")
const archive = mutantsOf("lib/constructs/ledger-archive.ts", "data")
const snapshots = mutantsOf("lib/constructs/snapshots.ts", "schedules")
const prod = mutantsOf("lib/stages/prod.ts", "guardrails")

/** Where the truth is, and what only speeds up. */
export const data = [
  database("PostgreSQL survives a zone", "one zone", "multiAz: database.multiAz", "multiAz: false"),
  prod("PostgreSQL survives a zone", "one zone in prod", "multiAz: true", "multiAz: false"),
  database("PostgreSQL survives a zone", "no restore to a point in time", "Duration.days(database.backupRetentionDays)", "Duration.days(0)"),
  database("PostgreSQL survives a zone", "upgraded in the night before a sale", "autoMinorVersionUpgrade: false", "autoMinorVersionUpgrade: true"),

  database("PostgreSQL is private and encrypted", "an address for everybody", "publiclyAccessible: false", "publiclyAccessible: true"),
  database("PostgreSQL is private and encrypted", "no encryption", "      storageEncrypted: true,\n      storageEncryptionKey: this.key,\n", "      storageEncrypted: false,\n"),
  database("PostgreSQL is private and encrypted", "in the subnets of functions", "vpcSubnets: network.dataSubnets", "vpcSubnets: network.paymentSubnets"),
  parameters("PostgreSQL is private and encrypted", "plain text", '"rds.force_ssl": "1"', '"rds.force_ssl": "0"'),
  parameters("PostgreSQL is private and encrypted", "passwords as MD5", 'password_encryption: "scram-sha-256"', 'password_encryption: "md5"'),

  parameters("PostgreSQL bounds whoever waits", "a frozen writer holds its locks", 'idle_in_transaction_session_timeout: "4000"', 'idle_in_transaction_session_timeout: "0"'),
  parameters("PostgreSQL bounds whoever waits", "for ever for a lock", 'lock_timeout: "5000"', 'lock_timeout: "0"'),
  parameters("PostgreSQL bounds whoever waits", "a commit is not on disk", 'synchronous_commit: "on"', 'synchronous_commit: "off"'),
  parameters("PostgreSQL bounds whoever waits", "connections of another count", "max_connections: String(maxConnections)", 'max_connections: "100"'),

  replica("the writer endpoint only", "functions reach the replica", '[network.securityGroup("Replica", "Analytics replica: no function may be here", this)]', "database.instance.connections.securityGroups"),
  cache("the writer endpoint only", "reads of a Valkey replica", "attrPrimaryEndPointAddress", "attrReaderEndPointAddress"),

  cache("Valkey survives a zone", "no Multi-AZ", "multiAzEnabled: failsOver", "multiAzEnabled: false"),
  cache("Valkey survives a zone", "no failover", "automaticFailoverEnabled: failsOver,\n      multiAzEnabled: failsOver", "automaticFailoverEnabled: false,\n      multiAzEnabled: false"),
  cache("Valkey survives a zone", "one node", "numCacheClusters: 1 + stage.cache.replicas", "numCacheClusters: 1"),
  prod("Valkey survives a zone", "one node in prod", "replicas: 1 }", "replicas: 0 }"),

  cache("Valkey is private and encrypted", "plain text too", 'transitEncryptionMode: "required"', 'transitEncryptionMode: "preferred"'),
  cache("Valkey is private and encrypted", "no TLS", "transitEncryptionEnabled: true", "transitEncryptionEnabled: false"),
  cache("Valkey is private and encrypted", "functions speak plain text", "`rediss://", "`redis://"),
  cache("Valkey is private and encrypted", "no token", "      authToken: this.#token.secretValue.unsafeUnwrap(),\n", ""),
  cache("Valkey is private and encrypted", "no encryption on disk", "atRestEncryptionEnabled: true", "atRestEncryptionEnabled: false"),

  cache("Valkey refuses rather than forgets", "evicts", '"maxmemory-policy": "noeviction"', '"maxmemory-policy": "allkeys-lru"'),
  cache("Valkey refuses rather than forgets", "keys on several nodes", 'clusterMode: "disabled"', 'clusterMode: "enabled"'),
  cache("Valkey refuses rather than forgets", "keys on several nodes by parameter", '"cluster-enabled": "no"', '"cluster-enabled": "yes"'),

  retention("what holds data stays", "goes with its stack", "retainData ? Removal", "!retainData ? Removal"),
  database("what holds data stays", "the database may be deleted", "deletionProtection: stage.retainData", "deletionProtection: false"),
  database("what holds data stays", "the database goes", "removalPolicy: stage.retainData ? removalPolicy", "removalPolicy: stage.retainData ? RemovalPolicy.DESTROY"),
  database("what holds data stays", "its backups go", "deleteAutomatedBackups: !stage.retainData", "deleteAutomatedBackups: true"),
  database("what holds data stays", "its key goes", "enableKeyRotation: true,\n      removalPolicy,", "enableKeyRotation: true,\n      removalPolicy: RemovalPolicy.DESTROY,", "templates"),
  mutantsOf("lib/constructs/event-log.ts", "templates")("what holds data stays", "the brokers go", "    this.cluster.applyRemovalPolicy(removalPolicy)\n", ""),
  mutantsOf("lib/constructs/event-log.ts", "templates")("what holds data stays", "the topics go", "    topic.applyRemovalPolicy(removalPolicyOf(this.#stage))\n", ""),
  prod("what holds data stays", "prod keeps nothing", "retainData: true", "retainData: false"),

  archive("the ledger's heads cannot be changed", "the account's root may", "ObjectLockRetention.compliance", "ObjectLockRetention.governance"),
  archive("the ledger's heads cannot be changed", "after a week anybody", "keptYears * 365", "7"),
  archive("the ledger's heads cannot be changed", "the sweeper may remove them", '["s3:PutObject"]', '["s3:PutObject", "s3:DeleteObjectVersion"]'),

  snapshots("a snapshot before each sale", "after it", "of windows) {\n      const time = new Date(fromMs)", "of windows) {\n      const time = new Date(fromMs + 86_400_000)"),
  snapshots("a snapshot before each sale", "of nothing", "aws-sdk:rds:createDBSnapshot", "aws-sdk:rds:describeDBSnapshots"),
  snapshots("a snapshot before each sale", "without the right", '"rds:CreateDBSnapshot", ', ""),

  rotation("secrets rotate without a restart", "each year, by our own function", 'everyMonth = "rate(30 days)"', 'everyMonth = "rate(365 days)"'),
  rotation("secrets rotate without a restart", "in the middle of a sale", "stage.sales.map(freezeWindow)", "stage.sales.slice(1).map(freezeWindow)"),
  rotation("secrets rotate without a restart", "the keys of receipts never", '      ReceiptKeys: data.secrets.rotatedBy(rotator, "RECEIPT_KEYS"),\n', ""),
  rotation("secrets rotate without a restart", "at each deploy", "rotateImmediatelyOnUpdate: false", "rotateImmediatelyOnUpdate: true"),
  rotation("secrets rotate without a restart", "when anybody asks", 'principal: "secretsmanager.amazonaws.com"', 'principal: "*"'),
  logins("secrets rotate without a restart", "each year", "rotationDays = 30", "rotationDays = 365"),
  logins("secrets rotate without a restart", "one user, whose connections fail", "HostedRotation.postgreSqlMultiUser({ ...placement, masterSecret: owner })", "HostedRotation.postgreSqlSingleUser(placement)"),
  logins("secrets rotate without a restart", "before the login exists", "rotateImmediatelyOnUpdate: false", "rotateImmediatelyOnUpdate: true"),
]
