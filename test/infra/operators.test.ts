import { expect, test } from "vitest"
import { routes } from "../../core/contracts/http/routes.ts"
import { opsFunctionName } from "../../core/contracts/ops.ts"
import { warmTargets } from "../../lib/capacity/warm-targets.ts"
import { stages } from "../../lib/stages.ts"
import { type Resource, statementsOf, wholeSale } from "./whole-sale.ts"

const { resources } = wholeSale(stages.prod)
const ofType = (type: string) => resources.filter(({ Type }) => Type === type)

const [ops, ...others] = ofType("AWS::Lambda::Function").filter(
  ({ Properties }) => Properties.FunctionName === opsFunctionName("prod"),
)
if (ops === undefined) throw new Error("There is no function under the name that the CLI invokes")
const names = (value: unknown) => JSON.stringify(value).includes(`"${ops.id}"`)

test("the CLI's function exists once, with little concurrency and the longest timeout", () => {
  expect(others).toEqual([])
  expect(ops.Properties).toMatchObject({ Timeout: 900, ReservedConcurrentExecutions: 2 })
})

test("the operators' policy allows them to invoke it and to warm the API, with a second factor, and nothing more", () => {
  const policies = ofType("AWS::IAM::ManagedPolicy").filter(
    ({ Properties }) => Properties.ManagedPolicyName === "flash-sale-prod-operators",
  )
  expect(policies).toHaveLength(1)
  const warm = statementsOf(policies).at(-1)?.statement
  expect(statementsOf(policies).map(({ statement }) => statement)).toEqual([
    {
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: { "Fn::GetAtt": [ops.id, "Arn"] },
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
    {
      Effect: "Allow",
      Action: [
        ...["lambda:PutProvisionedConcurrencyConfig", "lambda:GetProvisionedConcurrencyConfig"],
        ...["lambda:PutFunctionScalingConfig", "lambda:GetFunctionScalingConfig"],
      ],
      Resource: expect.any(Array),
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
  ])
  // A function and its alias or version for each of the functions that have warm environments; none of them is a consumer.
  expect([warm?.Resource].flat()).toHaveLength(2 * warmTargets(stages.prod).length)
  expect(JSON.stringify(warm?.Resource)).not.toMatch(/BatchWriter|EventReactor|ExpirySweeper|Provisioner/i)
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
  expect(routes.map(({ lambda }) => lambda)).not.toContain("ops")
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

test("it reads the end offsets of topics and no record, and logs in with three roles of the database", () => {
  const role = (ops.Properties.Role as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"][0]
  const own = ofType("AWS::IAM::Policy").filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(role))
  const actions = statementsOf(own).flatMap(({ statement }) =>
    statement.Effect === "Allow" ? [statement.Action ?? []].flat() : [],
  )
  expect(actions.filter((action) => action.startsWith("kafka-cluster:")).sort()).toEqual([
    "kafka-cluster:Connect",
    "kafka-cluster:DescribeTopic",
  ])
  expect(actions.filter((action) => action.includes("*"))).toEqual([])
  const { Variables } = ops.Properties.Environment as { Variables: Record<string, unknown> }
  expect(
    Object.keys(Variables)
      .filter((name) => /^DATABASE_\w+_SECRET_ARN$/.test(name))
      .sort(),
  ).toEqual(["DATABASE_ADMIN_SECRET_ARN", "DATABASE_READER_SECRET_ARN", "DATABASE_TRANSITION_SECRET_ARN"])
})
