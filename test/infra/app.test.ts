import { Match } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import { routes } from "../../core/contracts/http/routes.ts"
import { topics } from "../../core/contracts/topics.ts"
import { functionNames, stages } from "../../lib/config.ts"
import { appTemplate, domain, propertiesOf, shop } from "./app-stack.ts"

interface FunctionProperties {
  FunctionName?: string
  Runtime: string
  Architectures?: string[]
  ReservedConcurrentExecutions?: number
  TracingConfig?: { Mode: string }
  LoggingConfig?: { LogGroup: unknown }
  Role: { "Fn::GetAtt": string[] }
  VpcConfig?: unknown
  Environment?: { Variables: Record<string, unknown> }
}

const app = appTemplate(shop)
const functions = new Map(
  propertiesOf<FunctionProperties>(app, "AWS::Lambda::Function").flatMap((properties) =>
    properties.FunctionName === undefined ? [] : [[properties.FunctionName.replace("flash-sale-prod-", ""), properties] as const],
  ),
)
const functionOf = (name: string): FunctionProperties => {
  const found = functions.get(name)
  if (found === undefined) throw new Error(`There is no function ${name}`)
  return found
}

test("every function of the config is deployed, and no other of ours", () => {
  expect([...functions.keys()].sort()).toEqual([...functionNames].sort())
})

test("functions run Node 24 on arm64, traced, with a role and a log group each", () => {
  for (const [name, properties] of functions) {
    expect(properties, name).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], TracingConfig: { Mode: "Active" } })
  }
  const roles = [...functions.values()].map(({ Role }) => Role["Fn::GetAtt"][0])
  expect(new Set(roles).size).toBe(functions.size)
  const groups = [...functions.values()].map(({ LoggingConfig }) => JSON.stringify(LoggingConfig?.LogGroup))
  expect(new Set(groups).size).toBe(functions.size)
  app.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: shop.logRetentionDays })
})

test("writer, sweeper and checkout have concurrency of their own", () => {
  for (const name of ["batch-writer", "expiry-sweeper", "checkout"] as const) {
    expect(functionOf(name).ReservedConcurrentExecutions).toBe(shop.functions[name].reservedConcurrency)
    expect(functionOf(name).ReservedConcurrentExecutions).toBeGreaterThan(0)
  }
})

test("only the functions that pay are in the subnets with a way out", () => {
  const subnets = (name: string) => JSON.stringify(functionOf(name).VpcConfig ?? "")
  for (const name of ["checkout", "event-reactor", "expiry-sweeper"]) expect(subnets(name), name).toContain("payment")
  for (const name of functionNames) {
    if (["checkout", "event-reactor", "expiry-sweeper"].includes(name)) continue
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

test("each API function checks the origin secret, and those with callers know whose tokens to believe", () => {
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

test("a Kafka source has fixed pollers, no window, a group by name, no end of retries and no destination for failures", () => {
  const sources = propertiesOf<Record<string, unknown>>(app, "AWS::Lambda::EventSourceMapping")
  expect(sources).toHaveLength(2)
  for (const [key, { name, groups }] of Object.entries(topics)) {
    const config = shop.eventSources[key as keyof typeof topics]
    expect(sources).toContainEqual(
      expect.objectContaining({
        Topics: [name],
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: groups[0] },
        BatchSize: config.batchSize,
        MaximumBatchingWindowInSeconds: 0,
        MaximumRetryAttempts: -1,
        StartingPosition: "TRIM_HORIZON",
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ProvisionedPollerConfig: { MinimumPollers: config.pollers.minimum, MaximumPollers: config.pollers.minimum },
      }),
    )
  }
  for (const source of sources) expect(source).not.toHaveProperty("DestinationConfig")
  app.hasResourceProperties("AWS::Lambda::EventSourceMapping", { Topics: ["reservation-requests"], BatchSize: 2_000 })
})

test("reserve runs on instances that share connections, with as many requests each as the config says", () => {
  if (shop.reserve.kind !== "managed-instances") throw new Error("prod reserves on managed instances")
  app.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "flash-sale-prod-reserve",
    VpcConfig: Match.absent(),
    ReservedConcurrentExecutions: Match.absent(),
    PublishToLatestPublished: true,
    CapacityProviderConfig: {
      LambdaManagedInstancesCapacityProviderConfig: Match.objectLike({
        PerExecutionEnvironmentMaxConcurrency: shop.reserve.requestsPerEnvironment,
      }),
    },
    FunctionScalingConfig: { MinExecutionEnvironments: 3, MaxExecutionEnvironments: shop.reserve.maximumEnvironments },
  })
})

test("where reserve runs as functions, there are no instances", () => {
  const dev = appTemplate(stages.dev)
  dev.resourceCountIs("AWS::Lambda::CapacityProvider", 0)
  dev.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "flash-sale-dev-reserve",
    ReservedConcurrentExecutions: stages.dev.functions.reserve.reservedConcurrency,
  })
  dev.hasResourceProperties("AWS::ApiGatewayV2::Api", { DisableExecuteApiEndpoint: false })
})

test("new versions of API functions come a tenth at a time and go back on an alarm; the writer has no alias", () => {
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
  for (const background of ["batchwriter", "eventreactor", "expirysweeper"]) {
    expect(aliases.filter((ref) => ref.includes(background))).toEqual([])
  }
})

test("a new version that answers 5xx goes back, too: Lambda calls such an answer a success", () => {
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

test("no function but the two that prepare the deployment gets new code before the migrations have run", () => {
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

test("the API may write its topic and nothing else of Kafka; the writer may read requests and not write", () => {
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
