import { type BrokenPromise, inFile } from "../mutant.ts"

const access = inFile("lib/constructs/kafka-access.ts", "templates")
const secret = inFile("lib/constructs/secret-access.ts", "templates")
const app = inFile("lib/stacks/app.ts", "app")
const shoppers = inFile("lib/constructs/shoppers.ts", "identity")
const made = inFile("lib/constructs/sale-function.ts", "app")
const functions = inFile("lib/constructs/sale-functions.ts", "app")
const operators = inFile("lib/constructs/operators.ts", "operators")

/** What functions, programs and people may do. */
export const permissionsMutants: readonly BrokenPromise[] = [
  {
    promise: "no wildcard",
    mutants: [
      { ...access, name: "any action of Kafka", replace: '["DescribeTopic", "WriteData"]', with: '["*"]' },
      {
        ...access,
        name: "any topic",
        replace: '["DescribeTopic", "WriteData"], topics',
        with: '["DescribeTopic", "WriteData"], ["*"]',
      },
      { ...secret, name: "any secret", replace: "resources: [secret.secretArn]", with: 'resources: ["*"]' },
      { ...secret, name: "any key", replace: "resources: [secret.encryptionKey.keyArn]", with: 'resources: ["*"]' },
      {
        ...secret,
        killedBy: "data",
        name: "the key by any service",
        replace: 'conditions: { StringEquals: { "kms:ViaService": `secretsmanager.${Stack.of(secret).region}.amazonaws.com` } },',
        with: "",
      },
      {
        ...made,
        name: "the function's code may create network interfaces",
        replace: "effect: iam.Effect.DENY",
        with: "effect: iam.Effect.ALLOW",
      },
    ],
  },
  {
    promise: "each function has its own rights",
    mutants: [
      {
        ...access,
        killedBy: "app",
        name: "producers may read",
        replace: '["DescribeTopic", "WriteData"]',
        with: '["DescribeTopic", "WriteData", "ReadData"]',
      },
      {
        ...access,
        killedBy: "app",
        name: "the writer may write requests",
        replace: '["DescribeTopic", "ReadData"]',
        with: '["DescribeTopic", "ReadData", "WriteData"]',
      },
      {
        ...app,
        name: "checkout may write requests",
        replace: "    database.connect(admin,",
        with: ['    log.produces(checkout, "reservationRequests")', "    database.connect(admin,"],
      },
      {
        ...app,
        name: "reserve may write events",
        replace: 'log.produces(intake, "reservationRequests")',
        with: 'log.produces(intake, "reservationEvents")',
      },
      {
        ...app,
        name: "the sweeper may write requests",
        replace: 'log.produces(sweeper, "reservationEvents")',
        with: 'log.produces(sweeper, "reservationRequests")',
      },
      {
        ...functions,
        name: "every function has the payment provider's key",
        replace: ['      data.secrets.grant(made, "PAYMENT_API_KEY")', "    }"],
        with: ["    }", '    data.secrets.grant(made, "PAYMENT_API_KEY")'],
      },
      {
        ...app,
        name: "the reservation function has the webhook's secret",
        replace: 'secrets.grant(checkout, "PAYMENT_WEBHOOK_SECRET")',
        with: 'secrets.grant(reservation, "PAYMENT_WEBHOOK_SECRET")',
      },
      { ...made, name: "CDK's default role", replace: "      role: this.role,\n", with: "" },
    ],
  },
  {
    promise: "each function has its own login",
    mutants: [
      {
        ...app,
        name: "the writer is an administrator",
        replace: 'database.connect(writer, "transition")',
        with: 'database.connect(writer, "admin", "transition")',
      },
      {
        ...app,
        name: "orders may change holds",
        replace: 'database.connect(orders, "reader")',
        with: 'database.connect(orders, "transition")',
      },
      {
        ...app,
        name: "reserve may take payments",
        replace: 'database.connect(intake, "reader", "transition")',
        with: 'database.connect(intake, "reader", "transition", "checkout")',
      },
      {
        ...inFile("lib/constructs/database.ts", "app"),
        name: "every function is the owner",
        replace: "for (const role of roles) this.#tell(client, role, this.#logins.secrets[role])",
        with: "for (const role of roles) this.#tell(client, role, this.owner)",
      },
    ],
  },
  {
    promise: "operators use one function",
    mutants: [
      {
        ...operators,
        name: "without a second factor",
        replace: 'const conditions = { Bool: { "aws:MultiFactorAuthPresent": "true" } }',
        with: "const conditions = {}",
      },
      {
        ...operators,
        name: "through any function",
        replace: "resources: invoked.map(({ function: { functionArn } }) => functionArn)",
        with: 'resources: ["*"]',
      },
      {
        ...operators,
        name: "they may read any log",
        replace: 'actions: ["logs:FilterLogEvents"], resources: [logGroups]',
        with: 'actions: ["logs:FilterLogEvents"], resources: ["*"]',
      },
      {
        ...operators,
        name: "they may change metrics, too",
        replace: 'actions: ["cloudwatch:GetMetricData"]',
        with: 'actions: ["cloudwatch:GetMetricData", "cloudwatch:PutMetricData"]',
      },
      {
        ...operators,
        name: "they may change it, too",
        replace: 'actions: ["lambda:InvokeFunction"]',
        with: 'actions: ["lambda:InvokeFunction", "lambda:UpdateFunctionCode"]',
      },
      {
        ...app,
        killedBy: "operators",
        name: "the function uses the owner's login",
        replace: 'database.connect(ops, "admin", "reader", "transition")',
        with: "database.provisionedBy(ops)",
      },
      {
        ...inFile("lib/constructs/event-log.ts", "operators"),
        name: "the function may append events",
        replace: 'appended: topicNamed("reservationRequests")',
        with: 'appended: topicNamed("reservationEvents")',
      },
      {
        ...inFile("lib/constructs/kafka-access.ts", "operators"),
        name: "the function may not append a request again",
        replace: '  allow(["WriteData"], [appended]),\n',
        with: "",
      },
      {
        ...inFile("lib/constructs/event-log.ts", "operators"),
        name: "the function cannot read the requests",
        replace: 'replayed: (["reservationRequests", "reservationEvents"',
        with: 'replayed: (["reservationEvents"',
      },
      {
        ...inFile("lib/constructs/event-log.ts", "operators"),
        name: "the function cannot read the dead letters",
        replace: 'browsed: [topicNamed("deadLetters")]',
        with: "browsed: []",
      },
      {
        ...inFile("lib/constructs/group-operations.ts", "operators"),
        name: "the function cannot stop the writer",
        replace: '...groupNames("reservationRequests"), ',
        with: "",
      },
    ],
  },
  {
    promise: "findings of cdk-nag are answered",
    mutants: [
      {
        ...inFile("lib/constructs/http-api.ts", "nag"),
        name: "no reason about authorizers",
        replace: 'id: "AwsSolutions-APIG4"',
        with: 'id: "AwsSolutions-APIG5"',
      },
      {
        ...inFile("lib/constructs/event-log.ts", "nag"),
        name: "a key that never changes",
        replace: 'description: "Kafka: storage", enableKeyRotation: true',
        with: 'description: "Kafka: storage", enableKeyRotation: false',
      },
      { ...shoppers, killedBy: "nag", name: "short passwords", replace: "requireSymbols: true", with: "requireSymbols: false" },
      {
        ...shoppers,
        killedBy: "nag",
        name: "an empty reason",
        replace: '"A shopper may use a second factor; to demand one of everybody would cost more sales than bots do."',
        with: '"Not needed"',
      },
    ],
  },
  {
    promise: "identity",
    mutants: [
      {
        ...shoppers,
        name: "no groups",
        replace: "Object.entries(userGroups))",
        with: "Object.entries({} as typeof userGroups))",
      },
      { ...shoppers, name: "a scope is missing", replace: '  "sales:admin": "Create, open, halt and verify sales",\n', with: "" },
      {
        ...shoppers,
        name: "partners administer sales",
        replace: 'scopeName === "reservations:batch")',
        with: 'scopeName !== "")',
      },
      {
        ...shoppers,
        name: "sign-in reveals which accounts exist",
        replace: [
          "authFlows: { userSrp: true, user: true },",
          "      generateSecret: false,",
          "      preventUserExistenceErrors: true",
        ],
        with: [
          "authFlows: { userSrp: true, user: true },",
          "      generateSecret: false,",
          "      preventUserExistenceErrors: false",
        ],
      },
      {
        ...shoppers,
        name: "stolen passwords are only logged",
        replace: "StandardThreatProtectionMode.FULL_FUNCTION",
        with: "StandardThreatProtectionMode.AUDIT_ONLY",
      },
      {
        ...shoppers,
        name: "shoppers may be deleted",
        replace: "deletionProtection: stage.retainData",
        with: "deletionProtection: false",
      },
      {
        ...shoppers,
        name: "tokens live for a day",
        replace: "accessTokenValidity: Duration.minutes(60)",
        with: "accessTokenValidity: Duration.hours(24)",
      },
      { ...shoppers, name: "short passwords", replace: "minimumPasswordLength = 12", with: "minimumPasswordLength = 6" },
      { ...shoppers, name: "another resource server", replace: "identifier: scopeServer", with: 'identifier: "other"' },
    ],
  },
]
