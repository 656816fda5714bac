import { Match, type Template } from "aws-cdk-lib/assertions"
import { describe, expect, test } from "vitest"
import type { StageConfig } from "../../lib/config.ts"
import { freezeWindow } from "../../lib/constructs/deploy-role.ts"
import { stages } from "../../lib/stages.ts"
import { appTemplate, propertiesOf, shop } from "./app-stack.ts"

interface Statement {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: unknown
  readonly Condition?: unknown
}
const { disasterRecovery: _region, ...alone } = shop
const scram: StageConfig = { ...alone, kafka: { ...shop.kafka, auth: "scram" } }

function rotatorOf(template: Template) {
  const [rotator] = propertiesOf<{
    FunctionName?: string
    Environment: { Variables: Record<string, unknown> }
    VpcConfig?: unknown
  }>(template, "AWS::Lambda::Function").filter(({ FunctionName }) => FunctionName?.endsWith("-secret-rotation"))
  if (rotator === undefined) throw new Error("There is no function that rotates secrets")
  return rotator
}

const schedulesOf = (template: Template) =>
  propertiesOf<{ SecretId: unknown; RotationRules: unknown; RotateImmediatelyOnUpdate: boolean }>(
    template,
    "AWS::SecretsManager::RotationSchedule",
  )

const statementsOf = (template: Template): Statement[] =>
  propertiesOf<{ PolicyName: string; PolicyDocument: { Statement: Statement[] } }>(template, "AWS::IAM::Policy")
    .filter(({ PolicyName }) => PolicyName.startsWith("Functionssecretrotation"))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)

const usual = appTemplate(shop)
const withLogin = appTemplate(scram)

describe.each([
  ["with IAM: receipts' keys and the cache's token", usual, 2, ["RECEIPT_KEYS", "REDIS_AUTH_TOKEN"]],
  ["with SCRAM: Kafka's login, too", withLogin, 3, ["RECEIPT_KEYS", "REDIS_AUTH_TOKEN", "KAFKA_LOGIN"]],
] as const)("rotation %s", (_, template, count, names) => {
  test("happens every 30 days after midnight, not at a deployment", () => {
    const schedules = schedulesOf(template)
    expect(schedules).toHaveLength(count)
    expect(new Set(schedules.map(({ SecretId }) => JSON.stringify(SecretId))).size).toBe(count)
    for (const schedule of schedules) {
      expect(schedule).toMatchObject({
        RotationRules: { ScheduleExpression: "rate(30 days)", Duration: "4h" },
        RotateImmediatelyOnUpdate: false,
      })
    }
  })

  test("gives the function its secrets by name, each with a schedule", () => {
    const { Variables } = rotatorOf(template).Environment
    const given = names.map((name) => JSON.stringify(Variables[`${name}_SECRET_ARN`]))
    expect(given.toSorted()).toEqual(
      schedulesOf(template)
        .map(({ SecretId }) => JSON.stringify(SecretId))
        .toSorted(),
    )
    expect(Variables).not.toHaveProperty("PAYMENT_API_KEY_SECRET_ARN")
    expect(Variables).not.toHaveProperty("ORIGIN_SECRET_SECRET_ARN")
  })

  test("may change those secrets and no other, with wildcards only for the network and tracing", () => {
    const writing = statementsOf(template).filter(({ Action }) => [Action].flat().includes("secretsmanager:PutSecretValue"))
    expect(writing.map(({ Resource }) => JSON.stringify(Resource)).toSorted()).toEqual(
      schedulesOf(template)
        .map(({ SecretId }) => JSON.stringify(SecretId))
        .toSorted(),
    )
    for (const { Action, Resource } of statementsOf(template)) {
      if (Resource === "*") for (const action of [Action].flat()) expect(action).toMatch(/^xray:/)
      else expect(JSON.stringify([Action, Resource])).not.toContain("*")
    }
  })
})

test("the function may modify the one group of the cache, and decrypts only through Secrets Manager", () => {
  const [cache, ...others] = statementsOf(usual).filter(({ Action }) =>
    [Action].flat().some((action) => /^elasticache:/.test(action)),
  )
  expect(others).toEqual([])
  expect(cache).toMatchObject({ Action: ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"] })
  expect(JSON.stringify(cache?.Resource)).toContain(":replicationgroup:")
  for (const { Action, Condition } of statementsOf(usual).filter(({ Action }) => [Action].flat().includes("kms:Decrypt"))) {
    expect(Action).toEqual(["kms:Decrypt", "kms:GenerateDataKey"])
    expect(Condition).toEqual({ StringEquals: { "kms:ViaService": `secretsmanager.${shop.region}.amazonaws.com` } })
  }
})

test("only Secrets Manager of this account may invoke it; it is outside the network", () => {
  usual.hasResourceProperties("AWS::Lambda::Permission", {
    Action: "lambda:InvokeFunction",
    Principal: "secretsmanager.amazonaws.com",
    SourceAccount: Match.anyValue(),
  })
  expect(rotatorOf(usual)).not.toHaveProperty("VpcConfig")
})

test("it has every sale of the calendar, as in the deploy freeze", () => {
  const given = JSON.parse(String(rotatorOf(usual).Environment.Variables.SALE_WINDOWS))
  expect(given).toEqual(shop.sales.map(freezeWindow))
  expect(given.length).toBeGreaterThan(0)
  expect(rotatorOf(appTemplate(stages.dev)).Environment.Variables.SALE_WINDOWS).toBe("[]")
})
