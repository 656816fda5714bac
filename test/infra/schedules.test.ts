import { expect, test } from "vitest"
import { warmWindows } from "../../lib/constructs/warm-windows.ts"
import { appTemplate, propertiesOf, shop } from "./app-stack.ts"

interface Schedule {
  ScheduleExpression: string
  ScheduleExpressionTimezone?: string
  FlexibleTimeWindow: { Mode: string }
  Target: { Arn: unknown; Input: unknown; RetryPolicy: { MaximumRetryAttempts: number } }
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
  .filter(({ Roles }) => /"(Sweep|Warm|Snapshots)Role/.test(JSON.stringify(Roles)))
  .flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action))
const calls = (action: string) => schedules.filter(({ Target }) => Target.Arn === `arn:aws:scheduler:::aws-sdk:lambda:${action}`)

test("the sweeper starts every minute, at the minute", () => {
  const [sweep, ...others] = schedules.filter(({ ScheduleExpression }) => ScheduleExpression === "rate(1 minute)")
  expect(others).toEqual([])
  expect(sweep).toMatchObject({ FlexibleTimeWindow: { Mode: "OFF" }, Target: { RetryPolicy: { MaximumRetryAttempts: 0 } } })
})

test("the scheduler has the rights for its schedules, and no other", () => {
  expect([...new Set(allowed)].sort()).toEqual([
    "lambda:DeleteProvisionedConcurrencyConfig",
    "lambda:InvokeFunction",
    "lambda:PutFunctionScalingConfig",
    "lambda:PutProvisionedConcurrencyConfig",
    "rds:AddTagsToResource",
    "rds:CreateDBSnapshot",
  ])
})

test("a time of the calendar is in UTC, and is met to the minute", () => {
  for (const { ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow } of schedules) {
    expect(FlexibleTimeWindow).toEqual({ Mode: "OFF" })
    if (ScheduleExpression.startsWith("at(")) expect(ScheduleExpressionTimezone).toBe("UTC")
  }
})

test("environments that are warmed before a sale are released after it", () => {
  const provisioned = Object.entries(shop.functions).filter(
    ([, { provisionedConcurrency }]) => provisionedConcurrency !== undefined,
  )
  expect(provisioned.length).toBeGreaterThan(0)
  expect(calls("putProvisionedConcurrencyConfig")).toHaveLength(provisioned.length)
  expect(calls("deleteProvisionedConcurrencyConfig")).toHaveLength(provisioned.length)
  for (const { ScheduleExpression } of calls("putProvisionedConcurrencyConfig")) {
    expect(ScheduleExpression).toBe("at(2027-03-19T17:45:00)")
  }
  for (const { ScheduleExpression } of calls("deleteProvisionedConcurrencyConfig")) {
    expect(ScheduleExpression).toBe("at(2027-03-19T18:35:00)")
  }
  const warmed = calls("putProvisionedConcurrencyConfig").map(({ Target }) => JSON.stringify(Target.Input))
  for (const [, { provisionedConcurrency }] of provisioned) {
    const wanted = `\\"Qualifier\\":\\"live\\",\\"ProvisionedConcurrentExecutions\\":${provisionedConcurrency}}`
    expect(warmed.some((input) => input.includes(wanted))).toBe(true)
  }
})

test("the instances of reserve run before the opening, and most of them stop afterwards", () => {
  if (shop.reserve.kind !== "managed-instances") throw new Error("prod reserves on managed instances")
  const [warm, cool] = calls("putFunctionScalingConfig").map(({ Target }) => JSON.stringify(Target.Input))
  expect(warm).toContain(`MinExecutionEnvironments\\":${shop.reserve.minimumEnvironments}`)
  expect(cool).toContain('MinExecutionEnvironments\\":3')
})

test("the database gets a snapshot before each sale, with the time in its name", () => {
  const [snapshot, ...others] = schedules.filter(
    ({ Target }) => Target.Arn === "arn:aws:scheduler:::aws-sdk:rds:createDBSnapshot",
  )
  expect(others).toEqual([])
  expect(snapshot?.ScheduleExpression).toBe("at(2027-03-19T17:45:00)")
  expect(JSON.stringify(snapshot?.Target.Input)).toContain("flash-sale-prod-before-2027-03-19-17-45-00")
})

test("a stage without sales warms nothing", () => {
  const none = propertiesOf<Schedule>(appTemplate({ ...shop, sales: [] }), "AWS::Scheduler::Schedule")
  expect(none).toHaveLength(1)
})
