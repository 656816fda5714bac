import { expect, test } from "vitest"
import { PagedTopics } from "../../core/contracts/pages.ts"
import { stages } from "../../lib/stages.ts"
import { type Resource, statementsOf, wholeSale } from "./whole-sale.ts"

const { resources } = wholeSale(stages.prod)
const inPaging = resources.filter(({ stack }) => stack.includes("Paging"))
const ofType = (type: string) => inPaging.filter(({ Type }) => Type === type)
const one = (type: string): Resource => {
  const [found, ...others] = ofType(type)
  if (found === undefined || others.length > 0) throw new Error(`${type}: ${others.length + (found ? 1 : 0)} in the stack`)
  return found
}
const pager = ofType("AWS::Lambda::Function").find(({ Properties }) => Properties.FunctionName === "flash-sale-prod-pager")
const topicsByPriority = new Map(
  resources
    .filter(({ Type, stack }) => Type === "AWS::SNS::Topic" && stack.includes("Observability") && !stack.includes("Edge"))
    .map(({ id, Properties }) => [String(Properties.DisplayName).slice(-2), id]),
)

test("the pager is outside the network, has concurrency of its own, and a minute for its attempts", () => {
  expect(pager?.Properties).toMatchObject({ Timeout: 60, ReservedConcurrentExecutions: 2 })
  expect(pager?.Properties).not.toHaveProperty("VpcConfig")
})

test("the topics of P0 and P1 invoke it, and nothing else may", () => {
  const subscribed = ofType("AWS::SNS::Subscription").map(({ Properties }) => JSON.stringify(Properties.TopicArn))
  expect(subscribed).toHaveLength(2)
  for (const [index, priority] of ["P0", "P1"].entries()) expect(subscribed[index]).toContain(topicsByPriority.get(priority))
  const permissions = ofType("AWS::Lambda::Permission").map(({ Properties }) => Properties)
  expect(permissions.map(({ Principal }) => Principal)).toEqual(["sns.amazonaws.com", "sns.amazonaws.com"])
  expect(permissions.map(({ SourceArn }) => JSON.stringify(SourceArn))).toEqual(subscribed)
})

test("its environment says whom each topic pages, in the form that the function reads", () => {
  const environment = pager?.Properties.Environment as { Variables: { PAGERS: { "Fn::Join": [string, unknown[]] } } } | undefined
  const [, parts = []] = environment?.Variables.PAGERS["Fn::Join"] ?? []
  const joined = JSON.stringify(parts)
  const text = parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part).replaceAll('"', "'"))).join("")
  const paged = PagedTopics.parse(JSON.parse(text))
  expect(Object.values(paged)).toEqual([
    { priority: "P0", service: "pagerduty" },
    { priority: "P1", service: "pagerduty" },
  ])
  for (const priority of ["P0", "P1"]) expect(joined).toContain(topicsByPriority.get(priority))
})

test("a page that no attempt delivers is kept, and its alarm reaches people by mail, without the pager", () => {
  const config = one("AWS::Lambda::EventInvokeConfig").Properties
  expect(config).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3_600 })
  expect(JSON.stringify(config.DestinationConfig)).toContain(one("AWS::SQS::Queue").id)
  const alarm = one("AWS::CloudWatch::Alarm").Properties
  expect(alarm).toMatchObject({
    AlarmName: "flash-sale-prod-PagerFailing",
    MetricName: "Errors",
    Dimensions: [{ Name: "FunctionName", Value: "flash-sale-prod-pager" }],
    Threshold: 0,
    Period: 60,
    EvaluationPeriods: 1,
  })
  const p1 = topicsByPriority.get("P1") ?? ""
  expect(JSON.stringify(alarm.AlarmActions)).toContain(p1)
  const mails = resources.filter(({ Type, Properties }) => Type === "AWS::SNS::Subscription" && Properties.Protocol === "email")
  expect(mails.filter(({ Properties }) => JSON.stringify(Properties.TopicArn).includes(p1)).length).toBeGreaterThan(0)
})

test("it may read its own keys, write its own log, traces and the queue, and nothing else", () => {
  const actions = statementsOf(ofType("AWS::IAM::Policy")).flatMap(({ statement: { Action = [] } }) => [Action].flat())
  expect([...new Set(actions)].sort()).toEqual([
    ...["kms:Decrypt", "logs:CreateLogStream", "logs:PutLogEvents"],
    ...["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
    ...["sqs:SendMessage", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  ])
})

test("operators may put the drills into alarm and no other alarm, and read what the pager logged", () => {
  const policies = resources.filter(
    ({ Type, Properties }) =>
      Type === "AWS::IAM::ManagedPolicy" && Properties.ManagedPolicyName === "flash-sale-prod-operators-alarms",
  )
  const statements = statementsOf(policies).map(({ statement }) => statement)
  const on = (action: string) => JSON.stringify(statements.find(({ Action }) => Action === action)?.Resource)
  expect(on("cloudwatch:SetAlarmState").match(/alarm:[\w-]+/g)).toEqual(
    ["P0", "P1", "P2"].map((priority) => `alarm:flash-sale-prod-AlarmDrill-${priority}`),
  )
  expect(on("logs:FilterLogEvents")).toContain("/aws/lambda/flash-sale-prod-pager:*")
  expect(on("sns:ListSubscriptionsByTopic").match(/Topics/g)).toHaveLength(3)
  for (const { Condition } of statements) expect(Condition).toEqual({ Bool: { "aws:MultiFactorAuthPresent": "true" } })
  expect(statements).toHaveLength(4)
})

test("a stage without pagers has no pager: its alarms send mails alone", () => {
  expect(wholeSale(stages.dev).resources.filter(({ stack }) => stack.includes("Paging"))).toEqual([])
})
