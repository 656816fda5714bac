import { type BrokenPromise, inFile } from "../mutant.ts"

const teardown = inFile("lib/constructs/teardown.ts", "teardown")
const retention = inFile("lib/constructs/retention.ts", "teardown")
const database = inFile("lib/constructs/database.ts", "teardown")
const app = inFile("lib/stacks/app.ts", "operators")

/** What is left of a stage that is deleted; and the operators' long checks, which hold nobody up. */
export const teardownMutants: readonly BrokenPromise[] = [
  {
    promise: "a stage that goes leaves nothing, and data that stays can be read",
    mutants: [
      {
        ...retention,
        name: "buckets are deleted with their objects in them",
        replace: "autoDeleteObjects: !stage.retainData",
        with: "autoDeleteObjects: false",
      },
      {
        ...inFile("lib/constructs/ledger-archive.ts", "teardown"),
        name: "a lock on objects that are to go",
        replace: "...(stage.retainData && {",
        with: '...(stage.region !== "" && {',
      },
      {
        ...database,
        name: "backups outlive the database",
        replace: "deleteAutomatedBackups: !stage.retainData",
        with: "deleteAutomatedBackups: false",
      },
      {
        ...database,
        name: "a log group of the account",
        replace: "Duration.seconds(stage.retainData ? 15 : 0)",
        with: "Duration.seconds(stage.retainData ? 15 : 60)",
      },
      {
        ...inFile("lib/constructs/snapshots.ts", "teardown"),
        name: "a snapshot that nobody deletes",
        replace: "windows.length === 0 || !stage.retainData",
        with: "windows.length === 0",
      },
      {
        ...inFile("lib/constructs/notices-table.ts", "teardown"),
        name: "a backup of a deleted table",
        replace: "pointInTimeRecoveryEnabled: stage.retainData",
        with: "pointInTimeRecoveryEnabled: true",
      },
      {
        ...inFile("lib/constructs/database-logins.ts", "teardown"),
        name: "a rotation without a log group of ours",
        replace: "logGroupName: logGroupOf(name)",
        with: "logGroupName: logGroupOf(login)",
      },
      {
        ...teardown,
        name: "a framework function brings its log group back",
        replace: 'Effect: "Deny"',
        with: 'Effect: "Allow"',
      },
      {
        ...teardown,
        name: "the emptier makes a log group",
        replace: 'node.addPropertyOverride("ManagedPolicyArns", [])',
        with: 'node.addMetadata("emptier", true)',
      },
      { ...teardown, name: "keys wait for a month", replace: "keyDeletionDays = 7", with: "keyDeletionDays = 30" },
      {
        ...teardown,
        name: "the network of kept data goes",
        replace: '{ type: "AWS::EC2::VPC", path: /./ }',
        with: '{ type: "AWS::EC2::VPN", path: /./ }',
      },
      {
        ...teardown,
        name: "the security group of a kept database goes",
        replace: "(Database|Brokers|Replica|Standby)",
        with: "(Brokers|Replica|Standby)",
      },
      {
        ...database,
        name: "the key of a kept database goes",
        replace: [
          'description: "PostgreSQL: storage, insights, logins",',
          "      enableKeyRotation: true,",
          "      removalPolicy,",
        ],
        with: ['description: "PostgreSQL: storage, insights, logins",', "      enableKeyRotation: true,"],
      },
    ],
  },
  {
    promise: "a long check refuses no other command",
    mutants: [
      {
        ...app,
        name: "the checks change reservations",
        replace: 'database.connect(checks, "reader")',
        with: 'database.connect(checks, "reader", "transition")',
      },
      {
        ...app,
        name: "the checks append requests",
        replace: 'log.readBy(checks, "reservationRequests")',
        with: 'log.produces(checks, "reservationRequests")',
      },
      {
        ...app,
        name: "operators may not start a check",
        replace: "invoked: [ops, checks]",
        with: "invoked: [ops]",
      },
    ],
  },
]
