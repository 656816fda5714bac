import { mutantsOf } from "../mutant.ts"

const access = mutantsOf("lib/constructs/kafka-access.ts", "templates")
const secret = mutantsOf("lib/constructs/secret-access.ts", "templates")
const app = mutantsOf("lib/stacks/app.ts", "app")
const shoppers = mutantsOf("lib/constructs/shoppers.ts", "identity")
const made = mutantsOf("lib/constructs/sale-function.ts", "app")
const functions = mutantsOf("lib/constructs/sale-functions.ts", "app")
const operators = mutantsOf("lib/constructs/operators.ts", "operators")
const nag = (file: string) => mutantsOf(file, "nag")

/** Who may do what: functions, programs, people. */
export const rights = [
  access("no wildcard", "any action of Kafka", '["DescribeTopic", "WriteData"]', '["*"]'),
  access("no wildcard", "any topic", '["DescribeTopic", "WriteData"], [topic]', '["DescribeTopic", "WriteData"], ["*"]'),
  secret("no wildcard", "any secret", "resources: [secret.secretArn]", 'resources: ["*"]'),
  secret("no wildcard", "any key", "resources: [secret.encryptionKey.keyArn]", 'resources: ["*"]'),
  secret("no wildcard", "any way to the key", 'conditions: { StringEquals: { "kms:ViaService": `secretsmanager.${Stack.of(secret).region}.amazonaws.com` } },', "", "data"),
  made("no wildcard", "the code may make interfaces", "effect: iam.Effect.DENY", "effect: iam.Effect.ALLOW"),

  access("each function has its own rights", "producers may read", '["DescribeTopic", "WriteData"]', '["DescribeTopic", "WriteData", "ReadData"]', "app"),
  access("each function has its own rights", "the writer may write requests", '["DescribeTopic", "ReadData"]', '["DescribeTopic", "ReadData", "WriteData"]', "app"),
  app("each function has its own rights", "checkout may write requests", "    database.connect(admin,", '    log.produces(checkout, "reservationRequests")\n    database.connect(admin,'),
  app("each function has its own rights", "reserve may write events", 'log.produces(intake, "reservationRequests")', 'log.produces(intake, "reservationEvents")'),
  app("each function has its own rights", "the sweeper may write requests", 'log.produces(sweeper, "reservationEvents")', 'log.produces(sweeper, "reservationRequests")'),
  functions("each function has its own rights", "everybody has the payment provider's key", '      data.secrets.grant(made, "PAYMENT_API_KEY")\n    }', '    }\n    data.secrets.grant(made, "PAYMENT_API_KEY")'),
  app("each function has its own rights", "who shows reservations may sign as the payment provider", 'secrets.grant(checkout, "PAYMENT_WEBHOOK_SECRET")', 'secrets.grant(reservation, "PAYMENT_WEBHOOK_SECRET")'),
  made("each function has its own rights", "one role for all of Lambda", "      role: this.role,\n", ""),

  app("each function has its own login", "the writer is an administrator", 'database.connect(writer, "transition")', 'database.connect(writer, "admin", "transition")'),
  app("each function has its own login", "orders may change holds", 'database.connect(orders, "reader")', 'database.connect(orders, "transition")'),
  app("each function has its own login", "reserve may take payments", 'database.connect(intake, "reader", "transition")', 'database.connect(intake, "reader", "transition", "checkout")'),
  mutantsOf("lib/constructs/database.ts", "app")("each function has its own login", "everybody is the owner", "for (const role of roles) this.#tell(client, role, this.#logins.secrets[role])", "for (const role of roles) this.#tell(client, role, this.owner)"),

  operators("operators come in through one function", "without a second factor", 'conditions: { Bool: { "aws:MultiFactorAuthPresent": "true" } }', "conditions: {}"),
  operators("operators come in through one function", "through any function", "resources: [ops.function.functionArn]", 'resources: ["*"]'),
  operators("operators come in through one function", "they may change it, too", 'actions: ["lambda:InvokeFunction"]', 'actions: ["lambda:InvokeFunction", "lambda:UpdateFunctionCode"]'),
  app("operators come in through one function", "it decides as the owner", 'database.connect(ops, "admin", "reader", "transition")', "database.provisionedBy(ops)", "operators"),
  app("operators come in through one function", "it may put requests in line", 'log.observes(ops, "reservationRequests")', 'log.produces(ops, "reservationRequests")', "operators"),

  nag("lib/constructs/http-api.ts")("findings of cdk-nag are answered", "no word on authorizers", 'id: "AwsSolutions-APIG4"', 'id: "AwsSolutions-APIG5"'),
  nag("lib/constructs/event-log.ts")("findings of cdk-nag are answered", "a key that never changes", 'description: "Kafka: storage", enableKeyRotation: true', 'description: "Kafka: storage", enableKeyRotation: false'),
  nag("lib/constructs/shoppers.ts")("findings of cdk-nag are answered", "short passwords", "requireSymbols: true", "requireSymbols: false"),
  nag("lib/constructs/shoppers.ts")("findings of cdk-nag are answered", "a reason without a word", '"A shopper may use a second factor; to demand one of everybody would cost more sales than bots do."', '"Not needed"'),

  shoppers("identity", "no groups", "Object.entries(userGroups))", "Object.entries({} as typeof userGroups))"),
  shoppers("identity", "a scope is missing", '  "sales:admin": "Create, open, halt and verify sales",\n', ""),
  shoppers("identity", "partners administer sales", 'scopeName === "reservations:batch")', 'scopeName !== "")'),
  shoppers("identity", "tells who has an account", "authFlows: { userSrp: true },\n      generateSecret: false,\n      preventUserExistenceErrors: true", "authFlows: { userSrp: true },\n      generateSecret: false,\n      preventUserExistenceErrors: false"),
  shoppers("identity", "stolen passwords are only noted", "StandardThreatProtectionMode.FULL_FUNCTION", "StandardThreatProtectionMode.AUDIT_ONLY"),
  shoppers("identity", "shoppers may be deleted", "deletionProtection: stage.retainData", "deletionProtection: false"),
  shoppers("identity", "tokens live for a day", "accessTokenValidity: Duration.minutes(60)", "accessTokenValidity: Duration.hours(24)"),
  shoppers("identity", "short passwords", "minimumPasswordLength = 12", "minimumPasswordLength = 6"),
  shoppers("identity", "another server of scopes", "identifier: scopeServer", 'identifier: "other"'),
]
