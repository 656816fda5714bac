import { describe, expect, test } from "vitest"
import { mailTags } from "../../core/contracts/notices.ts"
import { stages } from "../../lib/stages.ts"
import { domain } from "./app-stack.ts"
import { type Resource, statementsOf, wholeSale } from "./whole-sale.ts"

const senderAddress = "no-reply@shop.example"
const mailing = wholeSale({ ...stages.prod, domain: { ...domain, senderAddress } }).resources
const silent = wholeSale(stages.load).resources

const ofType = (resources: readonly Resource[], type: string) => resources.filter(({ Type }) => Type === type)
const only = (resources: readonly Resource[], type: string) => {
  const [found, ...more] = ofType(resources, type)
  if (found === undefined || more.length > 0) throw new Error(`${more.length + 1} resources are ${type}`)
  return found.Properties
}

/** What the role of a function may do with a service, and with which resources. */
const rightsOf = (resources: readonly Resource[], stack: string, name: string, service: string) =>
  statementsOf(resources.filter((one) => one.stack.includes(stack) && one.Type === "AWS::IAM::Policy"))
    .filter(({ resource }) => resource.id.startsWith(`Functions${name.replaceAll("-", "")}Role`))
    .flatMap(({ statement }) =>
      [statement.Action ?? []]
        .flat()
        .filter((action) => action.startsWith(`${service}:`))
        .map((action) => ({ action, statement })),
    )
const actionsOf = (...args: Parameters<typeof rightsOf>) => [...new Set(rightsOf(...args).map(({ action }) => action))].sort()
const variablesOf = (resources: readonly Resource[], name: string) =>
  ofType(resources, "AWS::Lambda::Function").flatMap(({ Properties }) =>
    /^flash-sale-(prod|load)-(.+)$/.exec(String(Properties.FunctionName))?.[2] === name
      ? [(Properties.Environment as { Variables: Record<string, unknown> }).Variables]
      : [],
  )[0] ?? {}

describe("the table of notices", () => {
  const [table] = ofType(mailing, "AWS::DynamoDB::GlobalTable")

  test("can be restored, is encrypted, is paid by use, deletes old notices, and survives its stack", () => {
    expect(table?.DeletionPolicy).toBe("RetainExceptOnCreate")
    expect(table?.Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
      Replicas: [{ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    })
  })

  test("each function may do what it does, with this table alone", () => {
    const table = "dynamodb"
    expect(actionsOf(mailing, "Streaming", "notifier", table)).toEqual(
      ["DeleteItem", "GetItem", "PutItem", "UpdateItem"].map((action) => `dynamodb:${action}`),
    )
    expect(actionsOf(mailing, "Streaming", "mail-feedback", table)).toEqual(["dynamodb:UpdateItem"])
    const ofOps = rightsOf(mailing, "App", "ops", table).filter(({ statement }) =>
      JSON.stringify(statement.Resource).includes("Notices"),
    )
    expect(ofOps.map(({ action }) => action).sort()).toEqual(
      ["GetItem", "Query", "UpdateItem"].map((action) => `dynamodb:${action}`),
    )
    const resources = [...rightsOf(mailing, "Streaming", "notifier", table), ...rightsOf(mailing, "App", "ops", table)]
    expect(JSON.stringify(resources.map(({ statement }) => statement.Resource))).not.toContain("*")
  })
})

describe("a stage with a sender address", () => {
  test("sends from this address alone, with this configuration set, and finds addresses in its own user pool", () => {
    const [send, ...more] = rightsOf(mailing, "Streaming", "notifier", "ses")
    expect(more).toEqual([])
    expect(send?.action).toBe("ses:SendEmail")
    expect(send?.statement).toMatchObject({ Condition: { StringEquals: { "ses:FromAddress": senderAddress } } })
    const resources = JSON.stringify(send?.statement.Resource)
    for (const part of ["identity/shop.example", `identity/${senderAddress}`, "configuration-set/flash-sale-prod"]) {
      expect(resources).toContain(part)
    }
    expect(resources).not.toContain("*")
    expect(actionsOf(mailing, "Streaming", "notifier", "cognito-idp")).toEqual(["cognito-idp:AdminGetUser"])
    expect(variablesOf(mailing, "notifier")).toMatchObject({
      MAIL_FROM: senderAddress,
      MAIL_CONFIGURATION_SET: "flash-sale-prod",
      SHOP_URL: `https://${domain.siteName}`,
      CATALOGUE_URL: `https://${domain.siteName}`,
    })
  })

  test("nobody else sends mail", () => {
    const senders = statementsOf(mailing).filter(({ statement }) =>
      [statement.Action ?? []].flat().some((one) => /^ses:(?!Get)/.test(one)),
    )
    expect(senders.map(({ resource }) => resource.id.replace(/Role.*/, ""))).toEqual(["Functionsnotifier"])
  })

  test("suppresses addresses that bounce or complain, and watches its reputation", () => {
    expect(only(mailing, "AWS::SES::ConfigurationSet")).toMatchObject({
      Name: "flash-sale-prod",
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ["BOUNCE", "COMPLAINT"] },
    })
  })

  test("reports of bounces and complaints reach the function that records them, and are tried again", () => {
    expect(only(mailing, "AWS::SES::ConfigurationSetEventDestination")).toMatchObject({
      EventDestination: { Enabled: true, MatchingEventTypes: ["bounce", "complaint"] },
    })
    const rule = ofType(mailing, "AWS::Events::Rule").find(({ Properties }) => JSON.stringify(Properties).includes("aws.ses"))
    expect(rule?.Properties).toMatchObject({
      EventPattern: {
        source: ["aws.ses"],
        "detail-type": ["Email Bounced", "Email Complaint Received"],
        detail: { mail: { tags: { "ses:configuration-set": ["flash-sale-prod"] } } },
      },
      Targets: [{ RetryPolicy: { MaximumRetryAttempts: 10 } }],
    })
    expect(JSON.stringify(rule?.Properties.Targets)).toContain("mailfeedback")
    // SES takes these characters in the name of a tag.
    for (const name of Object.values(mailTags)) expect(name).toMatch(/^[\w-]+$/)
  })
})

describe("a stage without a sender address", () => {
  test("has the notifier, which can send nothing and find nobody", () => {
    expect(ofType(silent, "AWS::SES::ConfigurationSet")).toEqual([])
    for (const service of ["ses", "cognito-idp", "dynamodb"])
      expect(actionsOf(silent, "Streaming", "notifier", service)).toEqual([])
    expect(Object.keys(variablesOf(silent, "notifier"))).not.toContain("MAIL_FROM")
    const groups = ofType(silent, "AWS::Lambda::EventSourceMapping").map(
      ({ Properties }) => (Properties.AmazonManagedKafkaEventSourceConfig as { ConsumerGroupId: string }).ConsumerGroupId,
    )
    expect(groups).toEqual(expect.arrayContaining(["notifier", "fulfilment"]))
  })
})

test("fulfilment writes the topic of the orders and the dead letters, and reads the events; nobody else writes orders", () => {
  const topicsOf = (name: string, action: string) =>
    rightsOf(silent, "Streaming", name, "kafka-cluster")
      .filter((right) => right.action === `kafka-cluster:${action}`)
      .flatMap(({ statement }) =>
        [JSON.stringify(statement.Resource).match(/(orders-confirmed|dead-letters|reservation-\w+)/g) ?? []].flat(),
      )
  expect(new Set(topicsOf("fulfilment", "WriteData"))).toEqual(new Set(["orders-confirmed", "dead-letters"]))
  expect(new Set(topicsOf("fulfilment", "ReadData"))).toEqual(new Set(["reservation-events"]))
  expect(new Set(topicsOf("notifier", "WriteData"))).toEqual(new Set(["dead-letters"]))
  const writers = statementsOf(silent).filter(
    ({ statement }) =>
      JSON.stringify(statement.Action ?? "").includes("WriteData") &&
      JSON.stringify(statement.Resource).includes("orders-confirmed"),
  )
  expect(new Set(writers.map(({ resource }) => resource.id.replace(/Role.*/, "")))).toEqual(new Set(["Functionsfulfilment"]))
})
