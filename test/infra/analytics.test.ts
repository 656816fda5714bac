import { Template } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import { reportFiles } from "../../core/contracts/analytics.ts"
import type { FunctionName } from "../../lib/config.ts"
import { functionTemplates, propertiesOf, shop } from "./app-stack.ts"
import { dataStacks } from "./data-stacks.ts"

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly { Action: string | string[]; Resource: unknown }[] }
  readonly Roles: unknown
}

const { app, streaming } = functionTemplates(shop)
const stacks = dataStacks(shop)
const data = Template.fromStack(stacks.data)
const policies = [app, streaming].flatMap((template) => propertiesOf<Policy>(template, "AWS::IAM::Policy"))

/** What the role of a function may do with the figures in services whose actions begin so, and on what. */
function rightsOf(name: FunctionName, service: string) {
  const role = new RegExp(`"Functions${name.replaceAll("-", "")}Role`)
  return policies
    .filter(({ Roles }) => role.test(JSON.stringify(Roles)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Action, Resource }) => ({ actions: [Action].flat(), on: JSON.stringify(Resource) }))
    .filter(({ actions, on }) => on.includes("AnalyticsData") && actions.some((action) => action.startsWith(`${service}:`)))
}
const actionsOf = (name: FunctionName, service: string) => rightsOf(name, service).flatMap(({ actions }) => actions)

const variablesOf = (template: Template, name: FunctionName) =>
  propertiesOf<{ FunctionName?: string; Environment?: { Variables: Record<string, unknown> } }>(
    template,
    "AWS::Lambda::Function",
  ).find(({ FunctionName }) => FunctionName === `flash-sale-prod-${name}`)?.Environment?.Variables

test("the table grows with a sale, can be restored to any second, and is not deleted by mistake", () => {
  const [table] = Object.values(data.findResources("AWS::DynamoDB::Table"))
  expect(table).toMatchObject({
    DeletionPolicy: "RetainExceptOnCreate",
    UpdateReplacePolicy: "Retain",
    Properties: {
      BillingMode: "PAY_PER_REQUEST",
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      KeySchema: [
        { AttributeName: "place", KeyType: "HASH" },
        { AttributeName: "archive_of", KeyType: "RANGE" },
      ],
    },
  })
})

test("one function counts, one begins generations, two read; none deletes, and no other touches the figures", () => {
  const counting = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]
  expect(actionsOf("analytics", "dynamodb")).toEqual(counting)
  expect(actionsOf("ops", "dynamodb")).toEqual(counting)
  for (const reader of ["admin", "analytics-report"] as const) {
    expect(actionsOf(reader, "dynamodb")).toEqual(["dynamodb:GetItem", "dynamodb:BatchGetItem"])
  }
  const all = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
  const onTable = all.filter(({ Resource }) => JSON.stringify(Resource).includes("AnalyticsDataTable"))
  expect(onTable).toHaveLength(4)
  for (const { Resource } of onTable) expect(JSON.stringify(Resource)).not.toContain("*")
})

test("the report may write its two files, and nothing else", () => {
  const [right, ...others] = rightsOf("analytics-report", "s3")
  expect(others).toEqual([])
  expect(right?.actions).toEqual(["s3:PutObject"])
  for (const file of Object.values(reportFiles)) expect(right?.on).toContain(`/${file}`)
  expect(right?.on).not.toContain("*")
  const reports = Object.entries(data.findResources("AWS::S3::Bucket")).filter(([id]) => id.startsWith("AnalyticsData"))
  expect(reports.map(([, { Properties }]) => Properties.PublicAccessBlockConfiguration)).toEqual([
    { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
  ])
})

test("each function knows where the figures are; the report needs no network of ours, and the others reach DynamoDB alone", () => {
  for (const [template, name] of [
    [streaming, "analytics"],
    [streaming, "analytics-report"],
    [app, "admin"],
    [app, "ops"],
  ] as const) {
    expect(variablesOf(template, name), name).toHaveProperty("ANALYTICS_TABLE")
  }
  expect(variablesOf(streaming, "analytics-report")).toHaveProperty("ANALYTICS_BUCKET")
  const ways = [app, streaming].flatMap((template) =>
    propertiesOf<{ GroupId: unknown; DestinationPrefixListId?: string; FromPort?: number; ToPort?: number }>(
      template,
      "AWS::EC2::SecurityGroupEgress",
    ),
  )
  const toDynamo = ways.filter(({ DestinationPrefixListId }) => DestinationPrefixListId !== undefined)
  expect(toDynamo.map(({ GroupId }) => /"Functions(\w+)SecurityGroup/.exec(JSON.stringify(GroupId))?.[1]).sort()).toEqual([
    "admin",
    "analytics",
  ])
  for (const way of toDynamo) expect(way).toMatchObject({ DestinationPrefixListId: "pl-66a5400f", FromPort: 443, ToPort: 443 })
  const groups = Object.keys(streaming.findResources("AWS::EC2::SecurityGroup"))
  expect(groups.filter((id) => id.startsWith("Functionsanalyticsreport"))).toEqual([])
})

test("DynamoDB is reached through a gateway, which costs nothing", () => {
  const network = Template.fromStack(stacks.network)
  const gateways = Object.values(network.findResources("AWS::EC2::VPCEndpoint", { Properties: { VpcEndpointType: "Gateway" } }))
  expect(
    gateways.map(({ Properties }) => JSON.stringify(Properties.ServiceName)).filter((name) => name.includes("dynamodb")),
  ).toHaveLength(1)
})

test("reports are written every minute anew, and a missing minute is not caught up", () => {
  const [schedule] = propertiesOf<{ ScheduleExpression: string; Target: { Arn: unknown; RetryPolicy: unknown } }>(
    streaming,
    "AWS::Scheduler::Schedule",
  )
  expect(schedule?.ScheduleExpression).toBe("rate(1 minute)")
  expect(JSON.stringify(schedule?.Target.Arn)).toContain("analyticsreport")
  expect(schedule?.Target.RetryPolicy).toMatchObject({ MaximumRetryAttempts: 0 })
})
