import { expect, test } from "vitest"
import { consumerGroup, groupNames } from "../../core/contracts/consumer-groups.ts"
import { routes } from "../../core/contracts/http/routes.ts"
import { opsFunctionName, opsFunctions } from "../../core/contracts/ops.ts"
import { topics } from "../../core/contracts/topics.ts"
import { warmTargets } from "../../lib/capacity/warm-targets.ts"
import { stages } from "../../lib/stages.ts"
import { type Resource, type Statement, statementsOf, wholeSale } from "./whole-sale.ts"

const { resources } = wholeSale(stages.prod)
const ofType = (type: string) => resources.filter(({ Type }) => Type === type)

const [ops, ...others] = ofType("AWS::Lambda::Function").filter(
  ({ Properties }) => Properties.FunctionName === opsFunctionName("prod"),
)
if (ops === undefined) throw new Error("There is no function under the name that the CLI invokes")
const checks = ofType("AWS::Lambda::Function").find(
  ({ Properties }) => Properties.FunctionName === opsFunctionName("prod", "ops-checks"),
)
if (checks === undefined) throw new Error("There is no function for long commands")
const opsProperties = ops.Properties
const names = (value: unknown) => [ops, checks].some(({ id }) => JSON.stringify(value).includes(`"${id}"`))

test("the CLI's function exists once, with little concurrency and the longest timeout", () => {
  expect(others).toEqual([])
  expect(ops.Properties).toMatchObject({ Timeout: 900, ReservedConcurrentExecutions: 2 })
})

test("long commands have a function with concurrency of its own in every stage, so that they refuse no other command", () => {
  expect(checks.Properties).toMatchObject({ Timeout: 900, ReservedConcurrentExecutions: 2 })
  for (const { functions } of Object.values(stages)) {
    expect(functions.ops.reservedConcurrency).toBeGreaterThan(0)
    expect(functions["ops-checks"].reservedConcurrency).toBeGreaterThan(0)
  }
})

test("the operators' policy allows them to invoke it, to warm the API and to read logs, metrics and lists, with a second factor, and nothing more", () => {
  const policies = ofType("AWS::IAM::ManagedPolicy").filter(
    ({ Properties }) => Properties.ManagedPolicyName === "flash-sale-prod-operators",
  )
  expect(policies).toHaveLength(1)
  const warm = statementsOf(policies).at(-1)?.statement
  expect(statementsOf(policies).map(({ statement }) => statement)).toEqual([
    {
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: [{ "Fn::GetAtt": [ops.id, "Arn"] }, { "Fn::GetAtt": [checks.id, "Arn"] }],
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
    {
      Effect: "Allow",
      Action: "logs:FilterLogEvents",
      Resource: expect.objectContaining({ "Fn::Join": expect.anything() }),
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
    // For the report. CloudWatch knows no resources for metrics.
    {
      Effect: "Allow",
      Action: "cloudwatch:GetMetricData",
      Resource: "*",
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
    // For the preflight. AWS knows no resources for these lists.
    {
      Effect: "Allow",
      Action: [
        ...["servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:ListServiceQuotas"],
        ...["lambda:GetAccountSettings", "lambda:ListEventSourceMappings", "ses:GetAccount"],
        ...["cognito-idp:ListUserPools", "cognito-idp:ListGroups", "secretsmanager:ListSecrets"],
      ],
      Resource: "*",
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
    {
      Effect: "Allow",
      Action: ["lambda:GetProvisionedConcurrencyConfig", "lambda:GetFunctionScalingConfig"],
      Resource: expect.any(Array),
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
  ])
  expect(JSON.stringify(statementsOf(policies)[1]?.statement.Resource)).toContain(":log-group:/aws/lambda/flash-sale-prod-*:*")
  // A function and its alias or version for each of the functions that have warm environments.
  expect([warm?.Resource].flat()).toHaveLength(2 * warmTargets(stages.prod).length)
  expect(JSON.stringify(warm?.Resource)).not.toMatch(/event-reactor|expiry-sweeper|provisioner/i)
  expect(policies[0]?.Properties).not.toHaveProperty("Users")
  expect(policies[0]?.Properties).not.toHaveProperty("Roles")
  expect(policies[0]?.Properties).not.toHaveProperty("Groups")
})

test("nobody else may invoke it: no other policy names it or allows to invoke any function", () => {
  const invoking = statementsOf(resources).filter(({ statement: { Effect, Action } }) => {
    const actions = [Action ?? []].flat()
    return Effect === "Allow" && actions.some((action) => /^(\*|lambda:(\*|Invoke.*))$/.test(action))
  })
  expect(invoking.length).toBeGreaterThan(1)
  const able = invoking.filter(({ statement: { Resource: on } }) => names(on) || [on].flat().includes("*"))
  expect(able.map(({ resource }) => resource.Type)).toEqual(["AWS::IAM::ManagedPolicy"])
})

test("no route, permission, URL, event source or schedule leads to it", () => {
  for (const name of opsFunctions) expect(routes.map(({ lambda }) => lambda)).not.toContain(name)
  const leading = [
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::ApiGatewayV2::Integration",
    "AWS::Scheduler::Schedule",
    "AWS::Events::Rule",
  ]
  const found: Resource[] = leading.flatMap(ofType)
  expect(found.length).toBeGreaterThan(0)
  expect(found.filter(({ Properties }) => names(Properties)).map(({ id }) => id)).toEqual([])
})

/** The statements of a function's own role. */
function own(properties = opsProperties): Statement[] {
  const { "Fn::GetAtt": attribute } = properties.Role as { "Fn::GetAtt": [string, string] }
  const [role] = attribute
  const policies = ofType("AWS::IAM::Policy").filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(role))
  return statementsOf(policies).map(({ statement }) => statement)
}
const allowing = (action: string) => own().filter(({ Effect, Action }) => Effect === "Allow" && [Action].flat().includes(action))
const resourcesOf = (statements: readonly Statement[]) => JSON.stringify(statements.map(({ Resource: on }) => on))

test("it sets where groups read requests, events and orders, and writes no record but requests that were in quarantine", () => {
  const kafkaActions = own().flatMap(({ Effect, Action }) => (Effect === "Allow" ? [Action ?? []].flat() : []))
  expect(new Set(kafkaActions.filter((action) => action.startsWith("kafka-cluster:")))).toEqual(
    new Set(
      [
        "Connect",
        "DescribeTopic",
        "DescribeTopicDynamicConfiguration",
        "ReadData",
        "WriteData",
        "DescribeGroup",
        "AlterGroup",
      ].map((action) => `kafka-cluster:${action}`),
    ),
  )
  // `messages` shows the records of every topic.
  const read = resourcesOf(allowing("kafka-cluster:ReadData"))
  for (const { name } of Object.values(topics)) expect(read).toContain(`/${name}`)
  const written = resourcesOf(allowing("kafka-cluster:WriteData"))
  expect(written).toMatch(/reservation-requests/)
  expect(written).not.toMatch(/reservation-events|orders-confirmed|dead-letters|\*/)
})

test("it may stop and start the consumers, the writer among them, and nothing else of Lambda", () => {
  const lambdaActions = own().flatMap(({ Effect, Action }) => (Effect === "Allow" ? [Action ?? []].flat() : []))
  expect(lambdaActions.filter((action) => action.startsWith("lambda:")).sort()).toEqual([
    ...["lambda:GetEventSourceMapping", "lambda:InvokeFunction", "lambda:ListEventSourceMappings"],
    "lambda:UpdateEventSourceMapping",
  ])
  // Of all functions it may call the warmer alone.
  expect(JSON.stringify(allowing("lambda:InvokeFunction").map(({ Resource: on }) => on))).toMatch(
    /^\[\{"Fn::GetAtt":\["Functionswarmer\w+","Arn"\]\}\]$/,
  )
  const [changing] = allowing("lambda:UpdateEventSourceMapping")
  const functions = JSON.stringify(changing?.Condition)
  for (const group of groupNames()) {
    expect(functions.includes(`flash-sale-prod-${consumerGroup(group).lambda}"`), group).toBe(true)
  }
  expect(functions).toContain('flash-sale-prod-batch-writer:live"')
})

test("it logs in with three roles of the database", () => {
  const actions = own().flatMap(({ Effect, Action }) => (Effect === "Allow" ? [Action ?? []].flat() : []))
  expect(actions.filter((action) => action.includes("*"))).toEqual([])
  const { Variables } = ops.Properties.Environment as { Variables: Record<string, unknown> }
  expect(
    Object.keys(Variables)
      .filter((name) => /^DATABASE_\w+_SECRET_ARN$/.test(name))
      .sort(),
  ).toEqual(["DATABASE_ADMIN_SECRET_ARN", "DATABASE_READER_SECRET_ARN", "DATABASE_TRANSITION_SECRET_ARN"])
})

test("the function of long commands reads: the reader's login, the requests in Kafka, Redis and the payment provider, and nothing else", () => {
  const allowed = own(checks.Properties).flatMap(({ Effect, Action }) => (Effect === "Allow" ? [Action ?? []].flat() : []))
  const ofService = (service: string) => [...new Set(allowed.filter((action) => action.startsWith(service)))].sort()
  expect(ofService("kafka-cluster:")).toEqual(["Connect", "DescribeTopic", "ReadData"].map((action) => `kafka-cluster:${action}`))
  expect(ofService("lambda:")).toEqual([])
  expect(ofService("dynamodb:")).toEqual([])
  expect(ofService("secretsmanager:").every((action) => /:(Get|Describe)/.test(action))).toBe(true)
  const { Variables } = checks.Properties.Environment as { Variables: Record<string, unknown> }
  const secrets = Object.keys(Variables).filter((name) => name.endsWith("_SECRET_ARN"))
  expect(secrets.filter((name) => name.startsWith("DATABASE_"))).toEqual(["DATABASE_READER_SECRET_ARN"])
  const topic = own(checks.Properties).find(({ Action }) => [Action].flat().includes("kafka-cluster:ReadData"))
  expect(JSON.stringify(topic?.Resource)).toContain("reservation-requests")
})
