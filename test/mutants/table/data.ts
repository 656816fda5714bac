import { type BrokenPromise, inFile } from "../mutant.ts"

const database = inFile("lib/constructs/database.ts", "data")
const parameters = inFile("lib/constructs/database-parameters.ts", "data")
const logins = inFile("lib/constructs/database-logins.ts", "data")
const rotation = inFile("lib/constructs/secret-rotation.ts", "secret-rotation")
const replica = inFile("lib/constructs/analytics-replica.ts", "data")
const cache = inFile("lib/constructs/cache.ts", "data")
const retention = inFile("lib/constructs/retention.ts", "templates")
const archive = inFile("lib/constructs/ledger-archive.ts", "data")
const snapshots = inFile("lib/constructs/snapshots.ts", "schedules")
const prod = inFile("lib/stages/prod.ts", "guardrails")

/** Where the truth is, and what only speeds up. */
export const dataMutants: readonly BrokenPromise[] = [
  {
    promise: "PostgreSQL survives a zone",
    mutants: [
      { ...database, name: "one zone", replace: "multiAz: database.multiAz", with: "multiAz: false" },
      { ...prod, name: "one zone in prod", replace: "multiAz: true", with: "multiAz: false" },
      {
        ...database,
        name: "no restore to a point in time",
        replace: "Duration.days(database.backupRetentionDays)",
        with: "Duration.days(0)",
      },
      {
        ...database,
        name: "upgraded in the night before a sale",
        replace: "autoMinorVersionUpgrade: false",
        with: "autoMinorVersionUpgrade: true",
      },
    ],
  },
  {
    promise: "PostgreSQL is private and encrypted",
    mutants: [
      { ...database, name: "a public address", replace: "publiclyAccessible: false", with: "publiclyAccessible: true" },
      {
        ...database,
        name: "no encryption",
        replace: ["      storageEncrypted: true,", "      storageEncryptionKey: this.key,", ""],
        with: "      storageEncrypted: false,\n",
      },
      {
        ...database,
        name: "in the payment subnets",
        replace: "vpcSubnets: network.dataSubnets",
        with: "vpcSubnets: network.paymentSubnets",
      },
      { ...parameters, name: "plain text", replace: '"rds.force_ssl": "1"', with: '"rds.force_ssl": "0"' },
      {
        ...parameters,
        name: "passwords as MD5",
        replace: 'password_encryption: "scram-sha-256"',
        with: 'password_encryption: "md5"',
      },
    ],
  },
  {
    promise: "PostgreSQL bounds every wait",
    mutants: [
      {
        ...parameters,
        name: "a frozen writer holds its locks",
        replace: 'idle_in_transaction_session_timeout: "4000"',
        with: 'idle_in_transaction_session_timeout: "0"',
      },
      { ...parameters, name: "no lock timeout", replace: 'lock_timeout: "5000"', with: 'lock_timeout: "0"' },
      {
        ...parameters,
        name: "a commit is not flushed to disk",
        replace: 'synchronous_commit: "on"',
        with: 'synchronous_commit: "off"',
      },
      {
        ...parameters,
        name: "another number of connections",
        replace: "max_connections: String(maxConnections)",
        with: 'max_connections: "100"',
      },
    ],
  },
  {
    promise: "functions use the writer endpoint only",
    mutants: [
      {
        ...replica,
        name: "functions reach the replica",
        replace: '[network.securityGroup("Replica", "Analytics replica: no function may be here", this)]',
        with: "database.instance.connections.securityGroups",
      },
      { ...cache, name: "reads of a Valkey replica", replace: "attrPrimaryEndPointAddress", with: "attrReaderEndPointAddress" },
    ],
  },
  {
    promise: "Valkey survives a zone",
    mutants: [
      { ...cache, name: "no Multi-AZ", replace: "multiAzEnabled: failsOver", with: "multiAzEnabled: false" },
      {
        ...cache,
        name: "no failover",
        replace: ["automaticFailoverEnabled: failsOver,", "      multiAzEnabled: failsOver"],
        with: ["automaticFailoverEnabled: false,", "      multiAzEnabled: false"],
      },
      { ...cache, name: "one node", replace: "numCacheClusters: 1 + stage.cache.replicas", with: "numCacheClusters: 1" },
      { ...prod, name: "one node in prod", replace: "replicas: 1 }", with: "replicas: 0 }" },
    ],
  },
  {
    promise: "Valkey is private and encrypted",
    mutants: [
      {
        ...cache,
        name: "plain text is allowed",
        replace: 'transitEncryptionMode: "required"',
        with: 'transitEncryptionMode: "preferred"',
      },
      { ...cache, name: "no TLS", replace: "transitEncryptionEnabled: true", with: "transitEncryptionEnabled: false" },
      { ...cache, name: "functions speak plain text", replace: "`rediss://", with: "`redis://" },
      { ...cache, name: "no token", replace: "      authToken: this.#token.secretValue.unsafeUnwrap(),\n", with: "" },
      {
        ...cache,
        name: "no encryption on disk",
        replace: "atRestEncryptionEnabled: true",
        with: "atRestEncryptionEnabled: false",
      },
    ],
  },
  {
    promise: "Valkey refuses writes and never evicts",
    mutants: [
      {
        ...cache,
        name: "keys are evicted",
        replace: '"maxmemory-policy": "noeviction"',
        with: '"maxmemory-policy": "allkeys-lru"',
      },
      { ...cache, name: "keys on several nodes", replace: 'clusterMode: "disabled"', with: 'clusterMode: "enabled"' },
      {
        ...cache,
        name: "keys on several nodes by parameter",
        replace: '"cluster-enabled": "no"',
        with: '"cluster-enabled": "yes"',
      },
    ],
  },
  {
    promise: "resources with data are kept",
    mutants: [
      { ...retention, name: "data is deleted with its stack", replace: "retainData ? Removal", with: "!retainData ? Removal" },
      {
        ...database,
        name: "the database may be deleted",
        replace: "deletionProtection: stage.retainData",
        with: "deletionProtection: false",
      },
      {
        ...database,
        name: "the database is deleted",
        replace: ["once its key is gone.", "      removalPolicy,"],
        with: ["once its key is gone.", "      removalPolicy: removalPolicyOf({ ...stage, retainData: false }),"],
      },
      {
        ...database,
        name: "the backups are deleted",
        replace: "deleteAutomatedBackups: !stage.retainData",
        with: "deleteAutomatedBackups: true",
      },
      {
        ...database,
        killedBy: "templates",
        name: "the key is deleted",
        replace: ["enableKeyRotation: true,", "      removalPolicy,"],
        with: ["enableKeyRotation: true,", "      removalPolicy: RemovalPolicy.DESTROY,"],
      },
      {
        ...inFile("lib/constructs/event-log.ts", "templates"),
        name: "the brokers are deleted",
        replace: "    this.cluster.applyRemovalPolicy(removalPolicy)\n",
        with: "",
      },
      {
        ...inFile("lib/constructs/event-log.ts", "templates"),
        name: "the topics are deleted",
        replace: "    topic.applyRemovalPolicy(removalPolicyOf(this.#stage))\n",
        with: "",
      },
      { ...prod, name: "prod keeps nothing", replace: "retainData: true", with: "retainData: false" },
    ],
  },
  {
    promise: "the ledger's heads cannot be changed",
    mutants: [
      {
        ...archive,
        name: "the account's root can change them",
        replace: "ObjectLockRetention.compliance",
        with: "ObjectLockRetention.governance",
      },
      { ...archive, name: "the lock lasts a week", replace: "keptYears * 365", with: "7" },
      {
        ...archive,
        name: "the sweeper may remove them",
        replace: '["s3:PutObject"]',
        with: '["s3:PutObject", "s3:DeleteObjectVersion"]',
      },
    ],
  },
  {
    promise: "a snapshot before each sale",
    mutants: [
      {
        ...snapshots,
        name: "after the opening",
        replace: ["of windows) {", "      const time = new Date(fromMs)"],
        with: ["of windows) {", "      const time = new Date(fromMs + 86_400_000)"],
      },
      {
        ...snapshots,
        name: "no snapshot is created",
        replace: "aws-sdk:rds:createDBSnapshot",
        with: "aws-sdk:rds:describeDBSnapshots",
      },
      {
        ...snapshots,
        name: "in another time zone",
        replace: 'scheduleExpressionTimezone: "UTC"',
        with: 'scheduleExpressionTimezone: "Asia/Tokyo"',
      },
      { ...snapshots, name: "without the permission", replace: '"rds:CreateDBSnapshot", ', with: "" },
    ],
  },
  {
    promise: "secrets rotate without a restart",
    mutants: [
      {
        ...rotation,
        name: "our own function rotates once a year",
        replace: 'everyMonth = "rate(30 days)"',
        with: 'everyMonth = "rate(365 days)"',
      },
      {
        ...rotation,
        name: "during a sale",
        replace: "stage.sales.map(freezeWindow)",
        with: "stage.sales.slice(1).map(freezeWindow)",
      },
      {
        ...rotation,
        name: "the receipt keys do not rotate",
        replace: '      ReceiptKeys: data.secrets.rotatedBy(rotator, "RECEIPT_KEYS"),\n',
        with: "",
      },
      {
        ...rotation,
        name: "at each deployment",
        replace: "rotateImmediatelyOnUpdate: false",
        with: "rotateImmediatelyOnUpdate: true",
      },
      {
        ...rotation,
        name: "anybody may invoke the function",
        replace: 'principal: "secretsmanager.amazonaws.com"',
        with: 'principal: "*"',
      },
      { ...logins, name: "logins rotate once a year", replace: "rotationDays = 30", with: "rotationDays = 365" },
      {
        ...logins,
        name: "one user only, so that connections fail",
        replace: "HostedRotation.postgreSqlMultiUser({ ...rotatorOf(role), masterSecret: owner })",
        with: "HostedRotation.postgreSqlSingleUser(rotatorOf(role))",
      },
      {
        ...logins,
        name: "before the login exists",
        replace: "rotateImmediatelyOnUpdate: false",
        with: "rotateImmediatelyOnUpdate: true",
      },
    ],
  },
]
