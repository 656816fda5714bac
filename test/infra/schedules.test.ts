import { expect, test } from "vitest"
import { WarmthConfig } from "../../core/contracts/warmth.ts"
import { warmWindows } from "../../lib/constructs/warm-windows.ts"
import { appTemplate, propertiesOf, shop } from "./app-stack.ts"

interface Schedule {
  ScheduleExpression: string
  ScheduleExpressionTimezone?: string
  FlexibleTimeWindow: { Mode: string }
  Target: { Arn: unknown; Input: unknown; RetryPolicy: { MaximumRetryAttempts: number }; DeadLetterConfig?: unknown }
}

const sale = { skuId: "A", units: 1, priceMinor: 1, holdSeconds: 120 }
const at = (hour: string) => `2027-01-01T${hour}:00Z`
const warmUp = { minutesBefore: 15, minutesAfter: 5 }
const shown = (windows: ReturnType<typeof warmWindows>) =>
  windows.map(({ fromMs, untilMs }) => [
    new Date(fromMs).toISOString().slice(11, 16),
    new Date(untilMs).toISOString().slice(11, 16),
  ])

test("environments are warm from before the opening until the last hold has ended", () => {
  expect(shown(warmWindows({ warmUp, sales: [{ ...sale, opensAt: at("18:00"), closesAt: at("18:30") }] }))).toEqual([
    ["17:45", "18:35"],
  ])
})

test("a sale that ends does not release the environments of an open sale", () => {
  const sales = [
    { ...sale, opensAt: at("18:20"), closesAt: at("19:00") },
    { ...sale, opensAt: at("18:00"), closesAt: at("18:30") },
    { ...sale, opensAt: at("21:00"), closesAt: at("21:10") },
  ]
  expect(shown(warmWindows({ warmUp, sales }))).toEqual([
    ["17:45", "19:05"],
    ["20:45", "21:15"],
  ])
})

const app = appTemplate(shop)
const schedules = propertiesOf<Schedule>(app, "AWS::Scheduler::Schedule")
/** The rights of the scheduler: every action that a policy of its roles allows. */
const allowed = propertiesOf<{ Roles: unknown; PolicyDocument: { Statement: { Action: string | string[] }[] } }>(
  app,
  "AWS::IAM::Policy",
)
  .filter(({ Roles }) => /"(Sweep|WarmLook|Snapshots)Role/.test(JSON.stringify(Roles)))
  .flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action))
test("the sweeper and the warmer start every minute, at the minute", () => {
  const everyMinute = schedules.filter(({ ScheduleExpression }) => ScheduleExpression === "rate(1 minute)")
  expect(
    everyMinute.map(({ Target }) => JSON.stringify(Target.Arn).replace(/.*Functions(\w+?)Function.*/, "$1")).toSorted(),
  ).toEqual(["expirysweeper", "warmer"])
  for (const schedule of everyMinute) {
    expect(schedule).toMatchObject({ FlexibleTimeWindow: { Mode: "OFF" }, Target: { RetryPolicy: { MaximumRetryAttempts: 0 } } })
  }
})

test("the scheduler has the rights for its schedules, and no other", () => {
  expect([...new Set(allowed)].sort()).toEqual([
    "lambda:InvokeFunction",
    "rds:AddTagsToResource",
    "rds:CreateDBSnapshot",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:SendMessage",
  ])
})

test("a time of the calendar is in UTC, and is met to the minute", () => {
  for (const { ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow } of schedules) {
    expect(FlexibleTimeWindow).toEqual({ Mode: "OFF" })
    if (ScheduleExpression.startsWith("at(")) expect(ScheduleExpressionTimezone).toBe("UTC")
  }
})

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
}
const statementsOf = (role: string): Statement[] =>
  propertiesOf<{ Roles: unknown; PolicyDocument: { Statement: Statement[] } }>(app, "AWS::IAM::Policy")
    .filter(({ Roles }) => JSON.stringify(Roles).includes(role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
const warmth = (stage: typeof shop) => {
  const [found] = propertiesOf<{ FunctionName?: string; Environment?: { Variables: Record<string, string> } }>(
    stage === shop ? app : appTemplate(stage),
    "AWS::Lambda::Function",
  ).filter(({ FunctionName }) => FunctionName?.endsWith("-warmer"))
  return WarmthConfig.parse(JSON.parse(found?.Environment?.Variables.WARMTH ?? ""))
}

test("the warmer knows the calendar, and every function that has warm environments in a sale, with their number", () => {
  const { targets, windows } = warmth(shop)
  expect(shown(windows)).toEqual([["17:30", "18:35"]])
  if (shop.reserve.kind !== "managed-instances") throw new Error("prod reserves on managed instances")
  const { minimumEnvironments, maximumEnvironments } = shop.reserve
  const provisioned = Object.entries(shop.functions).flatMap(([folder, { provisionedConcurrency }]) =>
    provisionedConcurrency === undefined
      ? []
      : [{ functionName: `flash-sale-prod-${folder}`, qualifier: "live", environments: provisionedConcurrency, idle: 0 }],
  )
  expect(provisioned.map(({ functionName }) => functionName)).toContain("flash-sale-prod-batch-writer")
  expect(targets.toSorted((a, b) => a.functionName.localeCompare(b.functionName))).toEqual([
    ...provisioned.toSorted((a, b) => a.functionName.localeCompare(b.functionName)),
    {
      ...{ functionName: "flash-sale-prod-reserve-on-instances", qualifier: "$LATEST.PUBLISHED", idle: 3 },
      ...{ environments: minimumEnvironments, maximum: maximumEnvironments },
    },
  ])
})

test("the warmer may change the number of environments of those functions, and nothing else of any function", () => {
  const changing = statementsOf("FunctionswarmerRole").filter(({ Action }) => JSON.stringify(Action).includes("lambda:"))
  expect(changing.flatMap(({ Action }) => Action).toSorted()).toEqual([
    "lambda:DeleteProvisionedConcurrencyConfig",
    "lambda:GetFunctionScalingConfig",
    "lambda:GetProvisionedConcurrencyConfig",
    "lambda:PutFunctionScalingConfig",
    "lambda:PutProvisionedConcurrencyConfig",
  ])
  for (const { functionName, qualifier } of warmth(shop).targets)
    expect(JSON.stringify(changing)).toContain(`function:${functionName}:${qualifier}"`)
  expect(JSON.stringify(changing.map(({ Resource }) => Resource))).not.toContain("*")
})

test("the functions whose commands open and extend sales may ask the warmer to look, and no other function may", () => {
  const asking = propertiesOf<{ Environment?: { Variables: Record<string, unknown> }; FunctionName?: string }>(
    app,
    "AWS::Lambda::Function",
  ).filter(({ Environment }) => Environment?.Variables.WARMER_FUNCTION !== undefined)
  expect(asking.map(({ FunctionName }) => FunctionName).toSorted()).toEqual(["flash-sale-prod-admin", "flash-sale-prod-ops"])
  for (const role of ["FunctionsadminRole", "FunctionsopsRole"]) {
    const may = statementsOf(role).filter(({ Action }) => Action === "lambda:InvokeFunction")
    expect(JSON.stringify(may)).toContain("FunctionswarmerFunction")
  }
})

test("a start that fails is kept in a queue that the scheduler may write to, and that nobody reads over plain text", () => {
  const [queue] = Object.keys(app.findResources("AWS::SQS::Queue"))
  expect(propertiesOf(app, "AWS::SQS::Queue")).toMatchObject([{ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 }])
  expect(schedules.length).toBeGreaterThan(2)
  for (const { Target } of schedules) expect(Target.DeadLetterConfig).toEqual({ Arn: { "Fn::GetAtt": [queue, "Arn"] } })
  for (const role of ["SweepRole", "WarmLookRole", "SnapshotsRole"])
    expect(statementsOf(role).flatMap(({ Action }) => Action)).toContain("sqs:SendMessage")
})

test("the database gets a snapshot an hour before each sale, with the time in its name", () => {
  const [snapshot, ...others] = schedules.filter(
    ({ Target }) => Target.Arn === "arn:aws:scheduler:::aws-sdk:rds:createDBSnapshot",
  )
  expect(others).toEqual([])
  expect(snapshot?.ScheduleExpression).toBe("at(2027-03-19T17:00:00)")
  expect(JSON.stringify(snapshot?.Target.Input)).toContain("flash-sale-prod-before-2027-03-19-17-00-00")
})

test("a stage without sales in its calendar takes no snapshot, and warms for the sales that operators open", () => {
  const without = { ...shop, sales: [] }
  const none = propertiesOf<Schedule>(appTemplate(without), "AWS::Scheduler::Schedule")
  expect(none.map(({ ScheduleExpression }) => ScheduleExpression)).toEqual(["rate(1 minute)", "rate(1 minute)"])
  expect(warmth(without)).toMatchObject({ windows: [], targets: expect.arrayContaining([expect.anything()]) })
})
