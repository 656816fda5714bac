import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { Match } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import { consumerGroup, groupNames } from "../../core/contracts/consumer-groups.ts"
import { routes } from "../../core/contracts/http/routes.ts"
import { topics } from "../../core/contracts/topics.ts"
import { functionNames } from "../../lib/config.ts"
import { siteHostCode } from "../../lib/constructs/site-host.ts"
import { stages } from "../../lib/stages.ts"
import { appTemplate, domain, edgeTemplate, functionTemplates, propertiesOf, shop } from "./app-stack.ts"
import { allOf, app, type FunctionProperties, functionOf, functions } from "./functions.ts"

test("the deployed functions are those of the config", () => {
  expect([...functions.keys()].sort()).toEqual([...functionNames].sort())
})

test("functions run Node 24 on arm64, traced, with a role and a log group each", () => {
  for (const [name, properties] of functions) {
    expect(properties, name).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], TracingConfig: { Mode: "Active" } })
  }
  const roles = [...functions.values()].map(({ Role }) => Role["Fn::GetAtt"][0])
  expect(new Set(roles).size).toBe(functions.size)
  // CDK's default role of a function has managed policies, and would not have the rights of our role.
  expect(roles.filter((role) => role?.includes("ServiceRole"))).toEqual([])
  const groups = [...functions.values()].map(({ LoggingConfig }) => JSON.stringify(LoggingConfig?.LogGroup))
  expect(new Set(groups).size).toBe(functions.size)
  app.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: shop.logRetentionDays })
})

test("writer, sweeper and checkout have reserved concurrency", () => {
  for (const name of ["batch-writer", "expiry-sweeper", "checkout"] as const) {
    expect(functionOf(name).ReservedConcurrentExecutions).toBe(shop.functions[name].reservedConcurrency)
    expect(functionOf(name).ReservedConcurrentExecutions).toBeGreaterThan(0)
  }
})

test("only functions that call the payment provider or send mail are in the subnets with a route to the internet", () => {
  const subnets = (name: string) => JSON.stringify(functionOf(name).VpcConfig ?? "")
  const outward = ["checkout", "event-reactor", "expiry-sweeper", "notifier", "ops", "ops-checks"]
  for (const name of outward) expect(subnets(name), name).toContain("payment")
  for (const name of functionNames) {
    if (outward.includes(name)) continue
    expect(subnets(name) ?? "", name).not.toContain("payment")
  }
})

test("the API has the routes of the one table, and $default", () => {
  const keys = propertiesOf<{ RouteKey: string; AuthorizationType: string }>(app, "AWS::ApiGatewayV2::Route")
  expect(keys.map(({ RouteKey }) => RouteKey).sort()).toEqual(
    [...routes.map(({ method, path }) => `${method} ${path}`), "$default"].sort(),
  )
  for (const { AuthorizationType } of keys) expect(AuthorizationType).toBe("NONE")
  app.resourceCountIs("AWS::ApiGatewayV2::Authorizer", 0)
})

test("each route leads to its function, and every other path leads to not-found", () => {
  const integrations = app.findResources("AWS::ApiGatewayV2::Integration")
  const functionBehind = (target: { "Fn::Join": [string, [string, { Ref: string }]] }) =>
    JSON.stringify(integrations[target["Fn::Join"][1][1].Ref]?.Properties.IntegrationUri)
  const wanted = new Map([
    ...routes.map(({ method, path, lambda }) => [`${method} ${path}`, lambda] as const),
    ["$default", "not-found"],
  ])
  const found = propertiesOf<{ RouteKey: string; Target: { "Fn::Join": [string, [string, { Ref: string }]] } }>(
    app,
    "AWS::ApiGatewayV2::Route",
  )
  for (const { RouteKey, Target } of found) {
    const lambda = wanted.get(RouteKey)?.replaceAll("-", "")
    expect(functionBehind(Target), RouteKey).toMatch(new RegExp(`"Functions${lambda}(Live|Function|[0-9A-F]{8})`))
  }
})

test("the API's access log has no address, no token and no query", () => {
  const [stage] = propertiesOf<{ AccessLogSettings?: { Format: string } }>(app, "AWS::ApiGatewayV2::Stage")
  const format = Object.values(JSON.parse(stage?.AccessLogSettings?.Format ?? "{}"))
  expect(format).toEqual(expect.arrayContaining(["$context.routeKey", "$context.status", "$context.responseLatency"]))
  expect(format.filter((field) => /identity|authorizer|path|query/i.test(String(field)))).toEqual([])
})

test("each API function checks the origin secret, and functions with callers know whose tokens to accept", () => {
  for (const name of new Set([...routes.map(({ lambda }) => lambda), "not-found"])) {
    expect(functionOf(name).Environment?.Variables, name).toHaveProperty("ORIGIN_SECRET_SECRET_ARN")
  }
  for (const { lambda, access } of routes.filter(({ access }) => access !== "anyone")) {
    expect(functionOf(lambda).Environment?.Variables, `${lambda} ${access}`).toMatchObject({ TOKEN_KIND: "cognito" })
  }
})

test("with a domain the generated endpoint is closed, and the name has a certificate", () => {
  app.hasResourceProperties("AWS::ApiGatewayV2::Api", { DisableExecuteApiEndpoint: true })
  app.hasResourceProperties("AWS::ApiGatewayV2::DomainName", {
    DomainName: domain.apiName,
    DomainNameConfigurations: [Match.objectLike({ SecurityPolicy: "TLS_1_2", EndpointType: "REGIONAL" })],
  })
  app.resourceCountIs("AWS::ApiGatewayV2::ApiMapping", 1)
})

test("each consumer group has a source with fixed pollers, retries without end and no destination; those of events are in their own stack", () => {
  const sources = allOf<Record<string, unknown>>("AWS::Lambda::EventSourceMapping")
  expect(sources).toHaveLength(groupNames().length)
  for (const group of groupNames()) {
    const config = shop.eventSources[group]
    expect(sources).toContainEqual(
      expect.objectContaining({
        Topics: [topics[consumerGroup(group).topic].name],
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: group },
        BatchSize: config.batchSize,
        MaximumBatchingWindowInSeconds: config.maximumBatchingWindowSeconds,
        MaximumRetryAttempts: -1,
        StartingPosition: "TRIM_HORIZON",
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ProvisionedPollerConfig: {
          MinimumPollers: config.pollers.minimum,
          MaximumPollers: config.pollers.minimum,
          // Only groups for whose work nobody waits share a poller unit.
          ...(!consumerGroup(group).isWaitedFor && { PollerGroupName: "flash-sale-prod-events" }),
        },
      }),
    )
  }
  for (const source of sources) expect(source).not.toHaveProperty("DestinationConfig")
  app.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
    Topics: ["reservation-requests"],
    BatchSize: 2_000,
    MaximumBatchingWindowInSeconds: 0,
  })
  app.resourceCountIs("AWS::Lambda::EventSourceMapping", 1)
})

test("if brokers ask for a password, the pollers have it, and clients connect to the port for it", () => {
  const { app: scram, streaming: streams } = functionTemplates({ ...shop, kafka: { ...shop.kafka, auth: "scram" } })
  for (const source of [scram, streams].flatMap((template) =>
    propertiesOf<Record<string, unknown>>(template, "AWS::Lambda::EventSourceMapping"),
  )) {
    expect(source.SourceAccessConfigurations).toEqual([{ Type: "SASL_SCRAM_512_AUTH", URI: expect.anything() }])
  }
  scram.hasResourceProperties("AWS::CloudFormation::CustomResource", { ClusterArn: Match.anyValue(), Auth: "scram" })
})

test("a function reads the brokers' addresses during the deployment, and has no other right", () => {
  const [step] = Object.keys(app.findResources("AWS::CloudFormation::CustomResource", { Properties: { Auth: "iam" } }))
  expect(functionOf("reserve").Environment?.Variables.KAFKA_BROKERS).toEqual({ "Fn::GetAtt": [step, "Brokers"] })
  const asked = statementsOf("bootstrap-brokers").flatMap(({ Action }) => Action)
  expect(asked.filter((action) => action.startsWith("kafka"))).toEqual(["kafka:GetBootstrapBrokers"])
})

test("reserve runs on instances that share connections, with the config's number of requests in each environment", () => {
  if (shop.reserve.kind !== "managed-instances") throw new Error("prod reserves on managed instances")
  app.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "flash-sale-prod-reserve-on-instances",
    VpcConfig: Match.absent(),
    // Without the variable Lambda starts eight threads for each vCPU, each with pools and producers of its own.
    Environment: {
      Variables: Match.objectLike({ AWS_LAMBDA_NODEJS_WORKER_COUNT: String(shop.reserve.workersPerEnvironment) }),
    },
    ReservedConcurrentExecutions: Match.absent(),
    PublishToLatestPublished: true,
    CapacityProviderConfig: {
      LambdaManagedInstancesCapacityProviderConfig: Match.objectLike({
        PerExecutionEnvironmentMaxConcurrency: shop.reserve.requestsPerEnvironment,
      }),
    },
    FunctionScalingConfig: { MinExecutionEnvironments: 3, MaxExecutionEnvironments: shop.reserve.maximumEnvironments },
  })
  app.hasResourceProperties("AWS::Lambda::CapacityProvider", {
    // Types are not restricted: Lambda takes small instances between sales.
    InstanceRequirements: { Architectures: ["arm64"] },
  })
})

test("there are no instances if reserve runs as a function", () => {
  const dev = appTemplate(stages.dev)
  dev.resourceCountIs("AWS::Lambda::CapacityProvider", 0)
  dev.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "flash-sale-dev-reserve",
    ReservedConcurrentExecutions: stages.dev.functions.reserve.reservedConcurrency,
  })
  dev.hasResourceProperties("AWS::ApiGatewayV2::Api", { DisableExecuteApiEndpoint: false })
})

test("a new version of an API function gets a tenth of the calls first and is rolled back on an alarm; other functions are not", () => {
  const groups = propertiesOf<Record<string, unknown>>(app, "AWS::CodeDeploy::DeploymentGroup")
  const api = new Set([...routes.map(({ lambda }) => lambda), "not-found"])
  expect(groups).toHaveLength(api.size - 1)
  for (const group of groups) {
    expect(group).toMatchObject({
      DeploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
      AlarmConfiguration: { Enabled: true },
      AutoRollbackConfiguration: { Enabled: true, Events: expect.arrayContaining(["DEPLOYMENT_STOP_ON_ALARM"]) },
    })
  }
  const aliases = propertiesOf<{ FunctionName: { Ref: string } }>(app, "AWS::Lambda::Alias").map(
    ({ FunctionName }) => FunctionName.Ref,
  )
  for (const background of ["eventreactor", "expirysweeper"]) {
    expect(aliases.filter((ref) => ref.includes(background))).toEqual([])
  }
})

test("the writer has an alias that a deployment moves in one step: two versions never share its partitions", () => {
  const [id, ...others] = Object.entries(
    app.findResources("AWS::Lambda::Alias", { Properties: { FunctionName: { Ref: Match.stringLikeRegexp("batchwriter") } } }),
  ).map(([name, { UpdatePolicy, Properties }]) => {
    expect(UpdatePolicy).toBeUndefined()
    expect(Properties).not.toHaveProperty("RoutingConfig")
    return name
  })
  expect(others).toEqual([])
  const feeds = propertiesOf<{ FunctionName: unknown }>(app, "AWS::Lambda::EventSourceMapping")
  expect(feeds.map(({ FunctionName }) => FunctionName)).toEqual([{ Ref: id }])
})

test("a new version that answers 5xx is rolled back: Lambda counts such an answer as success", () => {
  const alarms = propertiesOf<{ AlarmName?: string; Metrics?: { MetricStat?: { Metric: { MetricName: string } } }[] }>(
    app,
    "AWS::CloudWatch::Alarm",
  ).filter(({ AlarmName }) => AlarmName?.includes("-deploy-"))
  expect(alarms.length).toBeGreaterThan(5)
  for (const { Metrics } of alarms) {
    const names = Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? [])
    expect(names?.toSorted()).toEqual(["Errors", "Invocations", "error.rate"])
  }
})

test("a deployment is rolled back when more than 1 % of a function's calls fail in one minute", () => {
  const alarms = propertiesOf<{ AlarmName: string; Metrics: object[] } & Record<string, unknown>>(
    app,
    "AWS::CloudWatch::Alarm",
  ).filter(({ AlarmName }) => AlarmName.startsWith("flash-sale-prod-deploy-"))
  expect(alarms.length).toBeGreaterThan(5)
  for (const alarm of alarms) {
    expect(alarm).toMatchObject({ Threshold: 1, EvaluationPeriods: 1, ComparisonOperator: "GreaterThanThreshold" })
    const metrics = JSON.stringify(alarm.Metrics)
    for (const metric of ["Errors", "Invocations"]) expect(metrics).toContain(`"MetricName":"${metric}"`)
  }
})

test("the provisioner runs again when a migration, a function, a role or the table of topics has changed", () => {
  const hash = createHash("sha256").update(JSON.stringify(topics))
  const database = new URL("../../core/database/", import.meta.url)
  const files = ["functions", "migrations", "warm-up"].flatMap((folder) =>
    readdirSync(new URL(folder, database)).map((name) => `${folder}/${name}`),
  )
  for (const file of [...files, "roles.sql"].sort()) hash.update(file).update(readFileSync(new URL(file, database)))
  app.hasResourceProperties("AWS::CloudFormation::CustomResource", { Schema: hash.digest("hex").slice(0, 16) })
})

test("only the two functions that prepare the deployment get new code before the migrations have run", () => {
  const [migrations] = Object.keys(
    app.findResources("AWS::CloudFormation::CustomResource", { Properties: { Schema: Match.anyValue() } }),
  )
  expect(migrations).toBeDefined()
  for (const { Properties, DependsOn } of Object.values(app.findResources("AWS::Lambda::Function"))) {
    const { FunctionName: name } = Properties as FunctionProperties
    if (name === undefined || /provisioner|bootstrap-brokers/.test(name)) continue
    expect(DependsOn, name).toContain(migrations)
  }
})

/** The logins, secrets and topics of each function: one row for each, with no more than it needs. */
const given: Record<string, { logins?: string[]; secrets?: string[]; writes?: string; reads?: string | string[] }> = {
  admin: { logins: ["ADMIN", "READER", "TRANSITION"] },
  availability: { logins: ["READER"] },
  "batch-writer": { logins: ["TRANSITION"], reads: "reservation-requests" },
  catalogue: { logins: ["READER"] },
  checkout: {
    logins: ["CHECKOUT", "READER", "TRANSITION"],
    secrets: ["PAYMENT_API_KEY", "PAYMENT_WEBHOOK_SECRET", "RECEIPT_KEYS"],
  },
  documents: { secrets: ["RECEIPT_KEYS"] },
  "event-reactor": { logins: ["TRANSITION"], secrets: ["PAYMENT_API_KEY"], reads: "reservation-events", writes: "dead-letters" },
  "expiry-sweeper": {
    logins: ["CHECKOUT", "READER", "RELAY", "TRANSITION"],
    secrets: ["PAYMENT_API_KEY"],
    writes: "reservation-events",
  },
  health: { logins: ["READER"] },
  ops: {
    logins: ["ADMIN", "READER", "TRANSITION"],
    secrets: ["PAYMENT_API_KEY"],
    // A broker lets nobody set where a group reads a topic who may not read the topic. Operators see the records of all topics.
    reads: ["reservation-requests", "reservation-events", "orders-confirmed", "dead-letters"],
    // A retry appends the request of a quarantined record again.
    writes: "reservation-requests",
  },
  // Its checks read the whole history of a sale, and change nothing.
  "ops-checks": { logins: ["READER"], secrets: ["PAYMENT_API_KEY"], reads: "reservation-requests" },
  orders: { logins: ["READER"] },
  reservation: { logins: ["READER", "TRANSITION"], secrets: ["RECEIPT_KEYS"] },
  reserve: { logins: ["READER", "TRANSITION"], secrets: ["RECEIPT_KEYS"], writes: "reservation-requests" },
  "reserve-batch": { logins: ["READER", "TRANSITION"], secrets: ["RECEIPT_KEYS"], writes: "reservation-requests" },
}

interface Statement {
  Sid?: string
  Effect: string
  Action: string | string[]
  Resource: unknown
}
const statementsOf = (name: string) =>
  allOf<{ PolicyName: string; PolicyDocument: { Statement: Statement[] } }>("AWS::IAM::Policy")
    .filter(({ PolicyName }) => PolicyName.startsWith(`Functions${name.replaceAll("-", "")}Role`))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)

test.each(Object.entries(given))(
  "%s is given its own logins, secrets and topics, and no other",
  (name, { logins = [], secrets = [], writes, reads }) => {
    const variables = functionOf(name).Environment?.Variables ?? {}
    const matching = (pattern: RegExp) => Object.keys(variables).flatMap((key) => pattern.exec(key)?.[1] ?? [])
    expect(matching(/^DATABASE_(\w+)_SECRET_ARN$/).sort()).toEqual(logins)
    expect(matching(/^(RECEIPT_KEYS|PAYMENT_API_KEY|PAYMENT_WEBHOOK_SECRET)_SECRET_ARN$/).sort()).toEqual(secrets)
    for (const login of logins)
      expect(JSON.stringify(variables[`DATABASE_${login}_SECRET_ARN`])).toContain(`Login${login.toLowerCase()}`)
    const topicsWith = (action: string) =>
      statementsOf(name)
        .filter(({ Action }) => [Action].flat().includes(`kafka-cluster:${action}`))
        .flatMap(({ Resource }) => Object.values(topics).filter((topic) => JSON.stringify(Resource).includes(topic.name)))
    expect(topicsWith("WriteData").map((topic) => topic.name)).toEqual(writes === undefined ? [] : [writes])
    if (writes) expect(statementsOf(name).flatMap(({ Action }) => Action)).toContain("kafka-cluster:Connect")
    expect(topicsWith("ReadData").map((topic) => topic.name)).toEqual([reads ?? []].flat())
  },
)

test("the provider's pages send shoppers back to the site; without a domain the edge says its own name, and reads the API's", () => {
  const returnUrl = (template: typeof app) =>
    propertiesOf<FunctionProperties>(template, "AWS::Lambda::Function").flatMap(
      ({ Environment }) => Environment?.Variables.PAYMENT_RETURN_URL ?? [],
    )
  expect(returnUrl(app)).toEqual([`https://${domain.siteName}/`])
  const nameless = appTemplate(stages.dev)
  expect(returnUrl(nameless)).toEqual([])
  nameless.hasResourceProperties("AWS::SSM::Parameter", { Name: "/flash-sale/dev/api-host", Value: Match.anyValue() })
  nameless.hasResourceProperties("AWS::ApiGatewayV2::Api", { DisableExecuteApiEndpoint: false })
  const edge = edgeTemplate(stages.dev)
  edge.hasResourceProperties("AWS::CloudFront::Function", { FunctionCode: siteHostCode })
  // With the calls of the API, checkout among them.
  const functionArn = { "Fn::GetAtt": [Match.stringLikeRegexp("SiteHost"), "FunctionARN"] }
  const behaviour = {
    PathPattern: "/v1/*",
    FunctionAssociations: [{ EventType: "viewer-request", FunctionARN: functionArn }],
  }
  edge.hasResourceProperties("AWS::CloudFront::Distribution", {
    DistributionConfig: { CacheBehaviors: Match.arrayWith([Match.objectLike(behaviour)]) },
  })
  edgeTemplate(shop).resourceCountIs("AWS::CloudFront::Function", 1)
})

test("a function's code may not create network interfaces; Lambda may, with the function's role", () => {
  const denied = statementsOf("orders").filter(({ Sid }) => Sid === "NotByTheCodeItself")
  expect(denied).toMatchObject([{ Effect: "Deny", Condition: { ArnEquals: { "lambda:SourceFunctionArn": expect.anything() } } }])
})

test("a function's security group allows only connected resources, and the internet on 443 for functions that pay or send mail", () => {
  const groups = allOf<{
    GroupDescription: string
    SecurityGroupEgress?: { CidrIp: string; IpProtocol: string; FromPort?: number }[]
  }>("AWS::EC2::SecurityGroup")
  const open = groups.flatMap(({ GroupDescription, SecurityGroupEgress = [] }) =>
    SecurityGroupEgress.filter(({ CidrIp }) => CidrIp === "0.0.0.0/0").map(
      ({ FromPort }) => `${GroupDescription.replace("flash-sale-prod-", "")} ${FromPort}`,
    ),
  )
  expect(open.sort()).toEqual([
    "checkout 443",
    "event-reactor 443",
    "expiry-sweeper 443",
    "notifier 443",
    "ops 443",
    "ops-checks 443",
  ])
  const ways = propertiesOf<{ FromPort: number; CidrIp?: string }>(app, "AWS::EC2::SecurityGroupIngress")
  expect(ways.filter(({ CidrIp }) => CidrIp !== undefined)).toEqual([])
  expect(new Set(ways.map(({ FromPort }) => FromPort))).toEqual(new Set([443, 5_433, 6_380, 9_098]))
})

test("the API may write its topic and nothing more in Kafka; the writer may read requests and not write them", () => {
  const actionsOf = (role: string) =>
    propertiesOf<{ PolicyName: string; PolicyDocument: { Statement: { Action: string | string[] }[] } }>(app, "AWS::IAM::Policy")
      .filter(({ PolicyName }) => PolicyName.startsWith(`Functions${role}Role`))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action))
      .filter((action) => action.startsWith("kafka-cluster:"))
  expect(actionsOf("reserve")).toContain("kafka-cluster:WriteData")
  expect(actionsOf("reserve")).not.toContain("kafka-cluster:ReadData")
  expect(actionsOf("batchwriter")).toContain("kafka-cluster:ReadData")
  expect(actionsOf("batchwriter")).not.toContain("kafka-cluster:WriteData")
  expect(actionsOf("checkout")).toEqual([])
})
