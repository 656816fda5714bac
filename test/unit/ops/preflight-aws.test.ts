import { buffer } from "node:stream/consumers"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { consumerGroups } from "../../../core/contracts/consumer-groups.ts"
import { userGroups } from "../../../core/contracts/environment.ts"
import { runChecks } from "../../../core/workflows/preflight/run-checks.ts"
import { deployedAlarmName } from "../../../lib/alarms/definition.ts"
import { warmTargets } from "../../../lib/capacity/warm-targets.ts"
import type { StageConfig } from "../../../lib/config.ts"
import { stages } from "../../../lib/stages.ts"
import type { DrillOutcome } from "../../../ops/alarm-source.ts"
import { alarmChecks } from "../../../ops/preflight/alarm-checks.ts"
import { namesOf } from "../../../ops/preflight/stage-alarms.ts"
import { stageChecks } from "../../../ops/preflight/stage-checks.ts"
import { localServer } from "../../services/local-server.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

/** A production stage that sends its own mails. */
const stage: StageConfig = {
  ...stages.prod,
  domain: {
    ...{ hostedZoneId: "Z", zoneName: "shop.example", siteName: "shop.example", apiName: "api.shop.example" },
    senderAddress: "shop@shop.example",
  },
}
const day = 86_400
const now = () => Math.floor(Date.now() / 1_000)
const topic = "arn:aws:sns:eu-central-1:1:P0"

/** What AWS says, by service; each test changes one answer. */
const healthy = () => ({
  alarms: namesOf(stage).map((name) => ({
    ...{
      AlarmName: deployedAlarmName(stage.name, name),
      StateValue: "OK",
      ActionsEnabled: true,
      AlarmActions: [topic],
    },
  })),
  subscriptions: [{ SubscriptionArn: `${topic}:1`, Protocol: "email", Endpoint: "a@shop.example" }],
  lagSeconds: [0.01],
  quota: 1_000_000,
  mail: { SendQuota: { MaxSendRate: 500, Max24HourSend: 1_000_000 }, ProductionAccessEnabled: true },
  secrets: [{ Name: "flash-sale/prod/PAYMENT_API_KEY", LastChangedDate: now() - 10 * day }],
  pools: [{ Id: "pool", Name: "flash-sale-prod" }],
  groups: Object.keys(userGroups),
  readyShare: 1,
  /** What the environments of each function have said, by the hour. */
  connected: [200, 60],
  unconnected: [0],
  /** What the edge says of the page. */
  cache: "Hit from cloudfront",
  mapping: { State: "Enabled", LastProcessingResult: "OK" },
})
let aws: ReturnType<typeof healthy>
let close: () => Promise<void>
let siteUrl: string

beforeEach(async () => {
  aws = healthy()
  const server = await localServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? "")
    const target = String(request.headers["x-amz-target"] ?? request.headers["x-amz-cloudwatch-target"] ?? "")
    const body = (await buffer(request)).toString()
    response.setHeader("x-cache", aws.cache)
    const isXml = body.includes("Action=")
    response.setHeader("content-type", isXml ? "text/xml" : target === "" ? "application/json" : "application/x-amz-json-1.1")
    response.end(isXml ? subscriptionsXml() : JSON.stringify(answerOf(path, target, body)))
  })
  for (const service of [
    "",
    "_LAMBDA",
    "_CLOUDWATCH",
    "_SNS",
    "_SERVICE_QUOTAS",
    "_SECRETS_MANAGER",
    "_SESV2",
    "_COGNITO_IDENTITY_PROVIDER",
  ])
    vi.stubEnv(`AWS_ENDPOINT_URL${service}`, server.url)
  for (const [name, value] of Object.entries(awsVariables)) vi.stubEnv(name, value)
  siteUrl = server.url
  close = server.close
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await close()
})

const subscriptionsXml = () =>
  `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${aws.subscriptions
    .map(
      (each) =>
        `<member>${Object.entries(each)
          .map(([name, value]) => `<${name}>${value}</${name}>`)
          .join("")}</member>`,
    )
    .join("")}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`

/** The APIs of the clients, each by its own protocol. */
function answerOf(path: string, target: string, body: string): unknown {
  if (target.endsWith("DescribeAlarms")) return { MetricAlarms: aws.alarms }
  if (target.endsWith("SetAlarmState")) return {}
  if (target.endsWith("FilterLogEvents")) return { events: [{ message: JSON.stringify({ pager: "the-page" }) }] }
  if (target.endsWith("GetMetricData")) {
    if (!body.includes("environment.")) return { MetricDataResults: [{ Id: "lag", Values: aws.lagSeconds }] }
    const values = body.includes("environment.unconnected") ? aws.unconnected : aws.connected
    return { MetricDataResults: warmTargets(stage).map((_, index) => ({ Id: `m${index}`, Values: values })) }
  }
  if (target.endsWith("GetServiceQuota")) return { Quota: { Value: aws.quota } }
  if (target.endsWith("ListServiceQuotas"))
    return { Quotas: [{ QuotaName: "Requests per second per distribution", Value: aws.quota }] }
  if (path.includes("/account-settings")) return { AccountLimit: { ConcurrentExecutions: aws.quota } }
  if (target.endsWith("ListSecrets")) return { SecretList: aws.secrets }
  if (target.endsWith("ListUserPools")) return { UserPools: aws.pools }
  if (target.endsWith("ListGroups")) return { Groups: aws.groups.map((GroupName) => ({ GroupName })) }
  if (path.includes("/email/account")) return aws.mail
  if (path.includes("/event-source-mappings")) {
    const mappings = Object.keys(consumerGroups).map((ConsumerGroupId) => ({
      ...{ AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId }, ...aws.mapping },
    }))
    return { EventSourceMappings: mappings }
  }
  const warmed = warmTargets(stage).find(({ functionName }) => path.includes(`/functions/${functionName}/`))
  const ready = Math.floor((warmed?.environments ?? 0) * aws.readyShare)
  if (warmed !== undefined) {
    return {
      Status: "READY",
      AvailableProvisionedConcurrentExecutions: ready,
      AppliedFunctionScalingConfig: { MinExecutionEnvironments: ready },
    }
  }
  return { path, body }
}

async function findings() {
  const lines = await runChecks(stageChecks(stage, ["SKU-001"], { address: siteUrl, pages: true }))
  const bad = lines.filter(({ state }) => state !== "ok" && state !== "does not apply")
  return Object.fromEntries(bad.map(({ item, state, detail }) => [item, `${state}: ${detail}`]))
}

test("a stage in which everything is right has no line that is not ok", async () => {
  expect(await findings()).toEqual({})
})

test.each<[string, () => unknown, Record<string, RegExp>]>([
  ["an alarm that is missing", () => aws.alarms.shift(), { "all exist": /^not ok: missing: / }],
  [
    "an alarm in ALARM",
    () => Object.assign(aws.alarms[0] ?? {}, { StateValue: "ALARM" }),
    { "none in alarm": /^not ok: in alarm: OversellDetected/ },
  ],
  [
    "an alarm without actions",
    () => Object.assign(aws.alarms[0] ?? {}, { ActionsEnabled: false }),
    { "actions enabled": /sends nothing$/ },
  ],
  [
    "a subscription that nobody confirmed",
    () => Object.assign(aws.subscriptions[0] ?? {}, { SubscriptionArn: "PendingConfirmation" }),
    { "subscriptions confirmed": /^not ok: 1 subscriptions of P0 are not confirmed/ },
  ],
  [
    "a topic without subscribers",
    () => Object.assign(aws, { subscriptions: [] }),
    { "subscriptions confirmed": /nobody gets the messages of P0/ },
  ],
  [
    "little storage",
    () =>
      Object.assign(aws.alarms.find(({ AlarmName }) => AlarmName.endsWith("-DatabaseStorageLow")) ?? {}, { StateValue: "ALARM" }),
    { "free storage": /^not ok/, "none in alarm": /DatabaseStorageLow/ },
  ],
  [
    "a replica that lags",
    () => Object.assign(aws, { lagSeconds: [0.2] }),
    { "replica lag": /^not ok: 200 ms behind; at most 50 ms/ },
  ],
  [
    "environments that started without connections",
    () => Object.assign(aws, { unconnected: [2, 1] }),
    { "connected environments": /^not ok: 3 starts of availability ended unconnected/ },
  ],
  [
    "environments that have not said that they are connected",
    () => Object.assign(aws, { connected: [150] }),
    { "connected environments": /^not ok: 150 of 200 starts of checkout have said/ },
  ],
  ["a replica that nobody measured", () => Object.assign(aws, { lagSeconds: [] }), { "replica lag": /^cannot tell/ }],
  [
    "quotas that are too small",
    () => Object.assign(aws, { quota: 30 }),
    {
      "functions at the same time": /^not ok: 30, the stage needs 5000/,
      "requests a second of API Gateway": /needs 40000/,
      "requests a second of CloudFront": /needs 400000/,
      "sign-ins a second": /needs 120/,
      "renewals of a sign-in a second": /needs 35/,
      "addresses of shoppers a second": /needs 200/,
      "vCPUs of managed instances": /needs 196/,
    },
  ],
  [
    "an account in the sandbox of SES",
    () => Object.assign(aws.mail, { ProductionAccessEnabled: false }),
    { "mails to every shopper": /sandbox/ },
  ],
  [
    "mails that SES would slow down",
    () => Object.assign(aws.mail.SendQuota, { MaxSendRate: 14, Max24HourSend: 50_000 }),
    { "mails a second": /^not ok: 14, the stage needs 200/, "mails a day": /^not ok: 50000, the stage needs 100000/ },
  ],
  [
    "a secret that is too old",
    () => Object.assign(aws, { secrets: [{ Name: "flash-sale/prod/RECEIPT_KEYS", LastChangedDate: now() - 500 * day }] }),
    { "age of secrets": /^not ok: flash-sale\/prod\/RECEIPT_KEYS is 500 days old/ },
  ],
  ["a tier without a group", () => aws.groups.shift(), { tiers: /^not ok: the group suspected does not exist/ }],
  [
    "cold environments",
    () => Object.assign(aws, { readyShare: 0.5 }),
    { "warm environments": /^not ok: .*flash-sale-prod-reserve-on-instances 30\/60/ },
  ],
  [
    "a mapping that is off",
    () => Object.assign(aws.mapping, { State: "Disabled" }),
    { "event source mappings": /inventory-batch-writer is Disabled/ },
  ],
  [
    "a mapping whose last delivery failed",
    () => Object.assign(aws.mapping, { LastProcessingResult: "PROBLEM: Function call failed" }),
    { "event source mappings": /last answered "PROBLEM: Function call failed"/ },
  ],
  [
    "a page that the edge does not keep",
    () => Object.assign(aws, { cache: "Miss from cloudfront" }),
    { page: /^not ok: the edge did not answer/ },
  ],
])("it finds %s, and nothing else", async (_, plant, lines) => {
  plant()
  const found = await findings()
  expect(Object.keys(found).sort()).toEqual(Object.keys(lines).sort())
  for (const [line, text] of Object.entries(lines)) expect(found[line]).toMatch(text)
})

test.each<[string, Omit<DrillOutcome, "priority" | "drill">, string, RegExp]>([
  ["a page that was accepted", { hasPager: true, accepted: "the-page", mails: [] }, "ok", /accepted \(the-page\)/],
  ["a page that nobody accepted", { hasPager: true, mails: [] }, "not ok", /the pager accepted no page within 20 s/],
  [
    "mail alone",
    { hasPager: false, mails: [{ address: "a@shop.example", isConfirmed: true }] },
    "ok",
    /sent to 1 mail addresses/,
  ],
  [
    "mail that is not confirmed",
    { hasPager: false, mails: [{ address: "a@shop.example", isConfirmed: false }] },
    "not ok",
    /no mail/,
  ],
])("the synthetic alarm: %s", async (_, outcome, state, detail) => {
  const source = { list: async () => [], test: async (priority: "P0" | "P1" | "P2") => ({ priority, drill: "d", ...outcome }) }
  const lines = await runChecks(alarmChecks({ source, expected: [], mendPresence: "npm start", pages: true }))
  expect(lines.at(-1)).toMatchObject({ state, detail: expect.stringMatching(detail) })
})
