import { App } from "aws-cdk-lib"
import { Match, Template } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import type { StageConfig } from "../../lib/config.ts"
import { freezeWindow } from "../../lib/constructs/deploy-role.ts"
import { tagStage } from "../../lib/constructs/tags.ts"
import { PipelineStack } from "../../lib/stacks/pipeline.ts"
import { stages } from "../../lib/stages.ts"

const account = "111122223333"
const stage: StageConfig = {
  ...stages.prod,
  pipeline: { repository: "shop/flash-sale", branch: "main" },
  sales: [
    { skuId: "A", opensAt: "2027-03-19T18:00:00Z", closesAt: "2027-03-19T18:30:00Z", units: 1, priceMinor: 1, holdSeconds: 120 },
  ],
}

function synthesized(config: StageConfig) {
  const app = new App()
  tagStage(app, config)
  const regions = [config.region, "us-east-1"]
  return Template.fromStack(
    new PipelineStack(app, "Pipeline", { env: { account, region: config.region }, stage: config, regions }),
  )
}
const template = synthesized(stage)

interface Statement {
  Effect: string
  Action: string
  Resource: unknown
  Condition?: unknown
}
const roles = Object.values(template.findResources("AWS::IAM::Role")).map(({ Properties }) => Properties)
const statements: Statement[] = roles[0]?.Policies[0]?.PolicyDocument.Statement ?? []
const bootstrapRole = (role: string, region: string) => `role/cdk-hnb659fds-${role}-${account}-${region}`

test("only the workflow of this repository, in this stage's environment, may take the role, and without a stored key", () => {
  template.resourceCountIs("AWS::IAM::Role", 1)
  template.resourceCountIs("AWS::IAM::User", 0)
  template.resourceCountIs("AWS::IAM::AccessKey", 0)
  template.hasResourceProperties("AWS::IAM::Role", {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: "sts:AssumeRoleWithWebIdentity",
          Effect: "Allow",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": "repo:shop/flash-sale:environment:prod",
            },
          },
          Principal: Match.anyValue(),
        },
      ],
    },
  })
})

test("the role may only assume the roles of the bootstrap, each by its name", () => {
  for (const { Action } of statements) expect(Action).toBe("sts:AssumeRole")
  const allowed = JSON.stringify(statements.filter(({ Effect }) => Effect === "Allow"))
  for (const region of ["eu-central-1", "us-east-1"]) {
    for (const role of ["deploy-role", "file-publishing-role", "lookup-role"])
      expect(allowed).toContain(bootstrapRole(role, region))
  }
  expect(allowed).not.toContain("*")
  expect(allowed).not.toContain("cfn-exec-role")
})

test("nothing in the stage's region is deployed from an hour before a sale until half an hour after its last hold", () => {
  const [denial, ...more] = statements.filter(({ Effect }) => Effect === "Deny")
  expect(more).toEqual([])
  expect(denial?.Condition).toEqual({
    DateGreaterThan: { "aws:CurrentTime": "2027-03-19T17:00:00.000Z" },
    DateLessThan: { "aws:CurrentTime": "2027-03-19T19:02:00.000Z" },
  })
  expect(JSON.stringify(denial?.Resource)).toContain(bootstrapRole("deploy-role", "eu-central-1"))
})

test("during the freeze the drift check may read, and the edge may be deployed against an attack", () => {
  const denied = JSON.stringify(statements.filter(({ Effect }) => Effect === "Deny"))
  expect(denied).not.toContain("lookup-role")
  expect(denied).not.toContain("us-east-1")
})

test("a session from before the freeze has ended when the sale opens", () => {
  const [sale] = stage.sales
  if (sale === undefined) throw new Error("The stage has no sale")
  const { MaxSessionDuration } = roles[0] ?? {}
  expect(Date.parse(freezeWindow(sale).from) + MaxSessionDuration * 1_000).toBeLessThanOrEqual(Date.parse(sale.opensAt))
})

test("every sale of the calendar has its freeze, and a stage without sales has none", () => {
  const denials = (config: StageConfig) =>
    JSON.stringify(synthesized(config).findResources("AWS::IAM::Role")).split('"Effect":"Deny"').length - 1
  const nextDay = stage.sales.map((sale) => ({ ...sale, opensAt: "2027-03-20T18:00:00Z", closesAt: "2027-03-20T18:30:00Z" }))
  expect(denials({ ...stage, sales: [...stage.sales, ...nextDay] })).toBe(2)
  expect(denials({ ...stage, sales: [] })).toBe(0)
})

test("the team gets an email when 80 % of the budget is spent, and when all of it is forecast to be spent", () => {
  const above = { ComparisonOperator: "GREATER_THAN", ThresholdType: "PERCENTAGE" }
  const team = stage.alarmEmails.P2.map((Address) => ({ Address, SubscriptionType: "EMAIL" }))
  template.hasResourceProperties("AWS::Budgets::Budget", {
    Budget: { BudgetLimit: { Amount: stage.budgetUsdPerMonth, Unit: "USD" }, BudgetType: "COST", TimeUnit: "MONTHLY" },
    NotificationsWithSubscribers: [
      { Notification: { NotificationType: "ACTUAL", Threshold: 80, ...above }, Subscribers: team },
      { Notification: { NotificationType: "FORECASTED", Threshold: 100, ...above }, Subscribers: team },
    ],
  })
})

test("every resource has the tags of its project and stage", () => {
  template.hasResourceProperties("AWS::IAM::Role", {
    Tags: Match.arrayWith([
      { Key: "project", Value: "flash-sale" },
      { Key: "stage", Value: "prod" },
    ]),
  })
})

test("a stage without a repository has a budget but no role to deploy", () => {
  const { pipeline: _none, ...rest } = stage
  const template = synthesized(rest)
  template.resourceCountIs("AWS::IAM::Role", 0)
  template.resourceCountIs("AWS::Budgets::Budget", 1)
})
