import { mutantsOf } from "../mutant.ts"

const made = mutantsOf("lib/constructs/sale-function.ts", "app")
const functions = mutantsOf("lib/constructs/sale-functions.ts", "app")
const instances = mutantsOf("lib/constructs/managed-instances.ts", "app")
const schedules = mutantsOf("lib/constructs/schedules.ts", "schedules")
const windows = mutantsOf("lib/constructs/warm-windows.ts", "schedules")
const prod = mutantsOf("lib/stages/prod.ts", "guardrails")
const network = mutantsOf("lib/constructs/network.ts", "network")
const database = mutantsOf("lib/constructs/database.ts", "app")

/** Where functions run, how many at once, and which ways are open to them. */
export const functionMutants = [
  network("three zones are named", "two zones of CDK's choice", "availabilityZones: [...stage.availabilityZones]", "maxAzs: 2"),
  prod("three zones are named", "one zone twice", '["eu-central-1a", "eu-central-1b", "eu-central-1c"]', '["eu-central-1a", "eu-central-1b", "eu-central-1b"]'),

  functions("reserve shares environments", "it runs as functions", 'name === "reserve" && stage', 'name === "reserve-batch" && stage'),
  instances("reserve shares environments", "one request in each", "perExecutionEnvironmentMaxConcurrency: config.requestsPerEnvironment", "perExecutionEnvironmentMaxConcurrency: 1"),
  instances("reserve shares environments", "no cap", "maxExecutionEnvironments: config.maximumEnvironments", "maxExecutionEnvironments: 10 * config.maximumEnvironments"),
  instances("reserve shares environments", "none ready between sales", "idleEnvironments = 3", "idleEnvironments = 0"),
  instances("reserve shares environments", "instances of another size", "lambda.InstanceTypeFilter.allow(", "lambda.InstanceTypeFilter.exclude("),
  prod("reserve shares environments", "too few before T0", "minimumEnvironments: 60", "minimumEnvironments: 30"),

  ...["batch-writer", "expiry-sweeper", "checkout"].map((name) => made("writer, sweeper and checkout have their concurrency", `${name} has none`, "        !onInstances && { reserved", `        !onInstances && name !== ${JSON.stringify(name)} && { reserved`)),
  prod("writer, sweeper and checkout have their concurrency", "fewer writers than partitions", "timeoutSeconds: 60, reservedConcurrency: 12, poolSize: 4", "timeoutSeconds: 60, reservedConcurrency: 8, poolSize: 4"),
  prod("writer, sweeper and checkout have their concurrency", "sweepers cannot overlap", "timeoutSeconds: 180, reservedConcurrency: 4", "timeoutSeconds: 180, reservedConcurrency: 2"),

  windows("environments are warm before a sale", "after it opened", "Date.parse(opensAt) - warmUp", "Date.parse(opensAt) + warmUp"),
  windows("environments are warm before a sale", "cold before its last hold has ended", "Date.parse(closesAt) + warmUp", "Date.parse(closesAt) - warmUp"),
  windows("environments are warm before a sale", "a sale cools another", "last && window.fromMs <= last.untilMs", "last && window.fromMs < 0"),
  schedules("environments are warm before a sale", "reserve is not", "scaling(minimumEnvironments), scaling(idle", "scaling(idleEnvironments), scaling(idle"),
  schedules("environments are warm before a sale", "reserve stays so for ever", "scaling(minimumEnvironments), scaling(idleEnvironments)", "scaling(minimumEnvironments), scaling(minimumEnvironments)"),
  schedules("environments are warm before a sale", "fewer than the config says", "ProvisionedConcurrentExecutions: provisionedConcurrency", "ProvisionedConcurrentExecutions: 1"),
  schedules("environments are warm before a sale", "they are never let go", "      this.#once(`${name}-cool-${index}`, untilMs, cool)\n", ""),
  schedules("environments are warm before a sale", "let go at once", "-cool-${index}`, untilMs", "-cool-${index}`, fromMs"),
  schedules("environments are warm before a sale", "in another time zone", 'scheduleExpressionTimezone: "UTC"', 'scheduleExpressionTimezone: "Asia/Tokyo"'),
  schedules("environments are warm before a sale", "the version that nobody calls", "Qualifier: liveAlias", 'Qualifier: "1"'),

  schedules("the sweeper starts every minute", "every five", '"rate(1 minute)"', '"rate(5 minutes)"'),
  schedules("the sweeper starts every minute", "sometime in a quarter of an hour", '{ mode: "OFF" }', '{ mode: "FLEXIBLE", maximumWindowInMinutes: 15 }'),
  schedules("the sweeper starts every minute", "again and again where it fails", "maximumRetryAttempts: 0", "maximumRetryAttempts: 185"),
  schedules("the sweeper starts every minute", "the scheduler may not", 'actions: ["lambda:InvokeFunction"]', 'actions: ["lambda:GetFunction"]'),

  mutantsOf("lib/flash-sale.ts", "synth-guardrails")("a stage that cannot carry its load does not synthesise", "nobody asks", "    assertGuardrails(stage)\n", "    if (stage.region === '') assertGuardrails(stage)\n"),
  prod("a stage that cannot carry its load does not synthesise", "four times the rate on one partition", "peakReservationsPerSecond: 25_000", "peakReservationsPerSecond: 100_000"),
  prod("a stage that cannot carry its load does not synthesise", "more connections than PostgreSQL takes", "provisionedConcurrency: 200, poolSize: 1", "provisionedConcurrency: 200, poolSize: 10"),

  made("Node 24 on arm64", "Node 22", "NODEJS_24_X", "NODEJS_22_X"),
  made("Node 24 on arm64", "x86", "architecture: lambda.Architecture.ARM_64", "architecture: lambda.Architecture.X86_64"),
  instances("Node 24 on arm64", "instances of x86", "lambda.Architecture.ARM_64", "lambda.Architecture.X86_64"),
  made("requests leave a trace", "functions are not traced", "lambda.Tracing.ACTIVE", "lambda.Tracing.DISABLED"),
  made("requests leave a trace", "one log group for all", "      logGroup: this.logGroup,\n", ""),

  functions("a way out for those who pay only", "status has one too", 'new Set(["checkout", "event-reactor", "expiry-sweeper"])', 'new Set(["checkout", "event-reactor", "expiry-sweeper", "reservation"])'),
  functions("a way out for those who pay only", "the reconciler has none", 'new Set(["checkout", "event-reactor", "expiry-sweeper"])', 'new Set(["checkout", "event-reactor"])'),
  network("a way out for those who pay only", "all functions have one", '"functions", subnetType: SubnetType.PRIVATE_ISOLATED', '"functions", subnetType: SubnetType.PRIVATE_WITH_EGRESS'),
  network("a way out for those who pay only", "all run where one is", "pays ? this.paymentSubnets : this.functionSubnets", "pays ? this.paymentSubnets : this.paymentSubnets", "app"),
  network("a way out for those who pay only", "data has one", '"data", subnetType: SubnetType.PRIVATE_ISOLATED', '"data", subnetType: SubnetType.PRIVATE_WITH_EGRESS'),
  network("a way out for those who pay only", "addresses of their own", "mapPublicIpOnLaunch: false", "mapPublicIpOnLaunch: true"),

  ...["SECRETS_MANAGER", "KMS", "CLOUDWATCH_LOGS", "CLOUDWATCH_MONITORING", "XRAY", "STS", "LAMBDA", "COGNITO_IDP"].map((service) => network("AWS is reached without leaving the network", `${service} is not`, `InterfaceVpcEndpointAwsService.${service},`, "InterfaceVpcEndpointAwsService.ATHENA,")),
  network("AWS is reached without leaving the network", "S3 is not", "GatewayVpcEndpointAwsService.S3,", "GatewayVpcEndpointAwsService.DYNAMODB,"),
  network("AWS is reached without leaving the network", "under other names", "privateDnsEnabled: true", "privateDnsEnabled: false"),
  network("AWS is reached without leaving the network", "the way is not open", '    client.connections.allowTo(this.endpoints, https, "services of AWS")\n', '    if (https.canInlineRule === false) client.connections.allowTo(this.endpoints, https, "services of AWS")\n'),

  network("flows are logged", "none", 'vpc.addFlowLog("FlowLog", {', "void ({"),
  network("flows are logged", "they are kept for ten years", 'new LogGroup(this, "FlowLogGroup", { retention: stage.logRetentionDays', 'new LogGroup(this, "FlowLogGroup", { retention: 3_653', "templates"),

  network("nothing is open that was not connected", "groups let everything out", "description, allowAllOutbound: false", "description, allowAllOutbound: true"),
  network("nothing is open that was not connected", "endpoints are open to the network", "open: false", "open: true"),
  made("nothing is open that was not connected", "functions let everything out", "description: functionName, allowAllOutbound: false", "description: functionName, allowAllOutbound: true"),
  network("nothing is open that was not connected", "any port of the world", "Peer.anyIpv4(), https", "Peer.anyIpv4(), Port.allTcp()"),
  database("nothing is open that was not connected", "PostgreSQL to the world", "client.connections.allowTo(this.instance, Port.tcp(databasePort)", "this.instance.connections.allowFromAnyIpv4(Port.tcp(databasePort)"),
  mutantsOf("lib/constructs/cache.ts", "app")("nothing is open that was not connected", "every port of Valkey", "client.connections.allowTo(this, Port.tcp(cachePort)", "client.connections.allowTo(this, Port.allTcp()"),
]
