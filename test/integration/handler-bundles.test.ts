import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from "vitest"
import { reportFiles } from "../../core/contracts/analytics.ts"
import { databaseRoles, databaseSecretVariable, unfinishedDeliveries } from "../../core/contracts/environment.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { attemptIdOf, userIdOf } from "../../core/domain/ids.ts"
import { handlerFolders } from "../../lib/constructs/handler-bundles.ts"
import { tokenIssuer } from "../../local/environment.ts"
import { localShopper } from "../../local/identity/shoppers.ts"
import { userRoute } from "../../local/identity/user-route.ts"
import { postgresUrl } from "../../local/services/data-services.ts"
import { runStatements } from "../../local/services/database.ts"
import { ownerLogin } from "../../local/services/postgres.ts"
import { bundleFileOf, invokeBundle, loaded } from "../bundles/bundled.ts"
import { createNamedTopics, deliveryOf, withOffsetsAfter } from "../bundles/delivery.ts"
import { eventOf, signedCall } from "../sale/signed-call.ts"
import { readTopic } from "../sale/topic-records.ts"
import { startDynamo, type TestDynamo } from "../services/dynamodb.ts"
import { analyticsTable, noticesTable } from "../services/dynamodb-tables.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { freshRedis } from "../services/redis.ts"
import { rotatingSecrets } from "../services/secret-versions.ts"
import { type SecretsServer, secretsServer } from "../services/secrets-manager.ts"
import { type Call, call } from "../unit/http/call.ts"
import { givenPaymentProvider } from "./bad-input-api.ts"

/** No shopper waits for `ops`, which has a client for every part. */
const maxBundleBytesOf = (folder: string) => (folder === "ops" ? 2_000_000 : 1_500_000)

/**
 * One sale from the first deployment to the captured payment. Every step is a bundle in a separate process. Database and log are
 * empty, and there are secrets and one login for each role, as on AWS.
 */
const suffix = randomUUID().slice(0, 8)
const dbname = `bundles_${suffix}`
const topics = {
  requests: `reservation-requests-${suffix}`,
  events: `reservation-events-${suffix}`,
  orders: `orders-confirmed-${suffix}`,
  deadLetters: `dead-letters-${suffix}`,
}
const ClusterArn = "arn:aws:kafka:eu-central-1:111111111111:cluster/flash-sale/1"
const sku = { sku_id: `sku-${suffix}`, name: "A thing", price_minor: 500, currency: "EUR", total_stock: 3 }
const skuPath = { sku_id: sku.sku_id }
const alarmTopic = "arn:aws:sns:eu-central-1:111111111111:alarms-p0"

/** Stands in for the APIs of MSK, Lambda, S3, SES, Cognito and PagerDuty. It keeps what they got. */
const archived: string[] = []
const reports = new Map<string, string>()
const mails: string[] = []
const pages: unknown[] = []
const lambdaCalls: string[] = []
const notedAccounts: unknown[] = []
const awsApi = createServer(async (request, response) => {
  const body = await text(request)
  if (request.method === "PUT" && request.url === "/heads.json") archived.push(body)
  else if (request.method === "PUT") reports.set(request.url ?? "", body)
  if (request.url === "/v2/email/outbound-emails") {
    mails.push(body)
    response.setHeader("content-type", "application/json").end(JSON.stringify({ MessageId: "0102" }))
    return
  }
  if (request.url?.includes("/functions/")) {
    // Lambda: nothing has provisioned concurrency at first, and an asynchronous call is accepted.
    lambdaCalls.push(`${request.method} ${request.url}`)
    response.writeHead(request.method === "GET" ? 404 : 202, { "content-type": "application/json" }).end("{}")
    return
  }
  if (request.url === "/v2/enqueue") {
    pages.push(JSON.parse(body))
    response.writeHead(202, { "content-type": "application/json" }).end(JSON.stringify({ status: "success", dedup_key: "a" }))
    return
  }
  if (String(request.headers["x-amz-target"]).endsWith("AdminUpdateUserAttributes")) {
    notedAccounts.push(JSON.parse(body))
    response.setHeader("content-type", "application/x-amz-json-1.1").end("{}")
    return
  }
  if (String(request.headers["x-amz-target"]).endsWith("AdminGetUser")) {
    const { statusCode, headers, body: user } = await userRoute.answer(Buffer.from(body))
    response.writeHead(statusCode, headers).end(user)
    return
  }
  response.setHeader("content-type", "application/json").end(JSON.stringify({ bootstrapBrokerStringSaslIam: "b-1:9098" }))
})
let environment: HandlerEnvironment
let secrets: SecretsServer
let dynamo: TestDynamo
let provider: Awaited<ReturnType<typeof givenPaymentProvider>>
let variables: Record<string, string>

const maintenanceUrl = () =>
  postgresUrl(ownerLogin, inject("services").ownerPassword, inject("services").postgresPort, "postgres")

beforeAll(async () => {
  const { ownerPassword, postgresPort, kafkaBrokers } = inject("services")
  await runStatements(maintenanceUrl(), `CREATE DATABASE ${dbname}`)
  await new Promise<void>((resolve) => awsApi.listen(0, "127.0.0.1", resolve))
  provider = await givenPaymentProvider()
  environment = await handlerEnvironment({
    databaseUrl: "postgres://nobody@127.0.0.1:9/none",
    redisUrl: await freshRedis(),
    topics,
    paymentApiUrl: provider.url,
  })
  secrets = await secretsServer()
  dynamo = await startDynamo(analyticsTable("analytics"), noticesTable("notices"))
  const { DATABASE_URL: _, ANALYTICS_FOLDER: __, ...usual } = environment.variables
  const awsUrl = `http://127.0.0.1:${(awsApi.address() as AddressInfo).port}`
  variables = {
    ...usual,
    ...secrets.variables,
    AWS_ENDPOINT_URL_KAFKA: awsUrl,
    AWS_ENDPOINT_URL_LAMBDA: awsUrl,
    WARMER_FUNCTION: "flash-sale-test-warmer",
    WARMTH: JSON.stringify({
      targets: [{ functionName: "flash-sale-test-reserve", qualifier: "live", environments: 5, idle: 0 }],
      ...{ windows: [], minutesBefore: 30, minutesAfter: 5 },
    }),
    LEDGER_ARCHIVE_BUCKET: "ledger",
    LEDGER_ARCHIVE_URL: awsUrl,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    ANALYTICS_TABLE: "analytics",
    ANALYTICS_BUCKET: "reports",
    ANALYTICS_BUCKET_URL: awsUrl,
    KAFKA_BROKERS: kafkaBrokers,
    AWS_ENDPOINT_URL_SESV2: awsUrl,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: awsUrl,
    NOTICES_TABLE: "notices",
    MAIL_FROM: "no-reply@shop.example",
    MAIL_CONFIGURATION_SET: "flash-sale-test",
    USER_POOL_ID: "eu-central-1_test",
    SHOP_URL: "https://sale.shop.example",
    CATALOGUE_URL: awsUrl,
    PAGERS: JSON.stringify({ [alarmTopic]: { priority: "P0", service: "pagerduty", url: `${awsUrl}/v2/enqueue` } }),
  }
  const secret = (login: "owner" | (typeof databaseRoles)[number], username: string, password: string) => {
    const arn = `arn:aws:secretsmanager:eu-central-1:111111111111:secret:${login}-${suffix}`
    secrets.put(arn, JSON.stringify({ username, password, host: "127.0.0.1", port: postgresPort, dbname, sslmode: "disable" }))
    variables[databaseSecretVariable(login)] = arn
  }
  const webhookSecret = `arn:aws:secretsmanager:eu-central-1:111111111111:secret:webhook-${suffix}`
  for (const value of ["whsec_before", "whsec_now"]) secrets.put(webhookSecret, value)
  variables.PAYMENT_WEBHOOK_SECRET_SECRET_ARN = webhookSecret
  const pagerKeys = `arn:aws:secretsmanager:eu-central-1:111111111111:secret:pager-${suffix}`
  secrets.put(pagerKeys, JSON.stringify({ P0: "key-of-p0" }))
  variables.PAGER_KEYS_SECRET_ARN = pagerKeys
  secret("owner", ownerLogin, ownerPassword)
  for (const role of databaseRoles) secret(role, `bundled_${role}_${suffix}`, randomUUID())
})
afterAll(async () => {
  awsApi.close()
  await Promise.all([environment.close(), secrets.close(), dynamo.close(), provider.stop()])
  const drops = databaseRoles.map((role) => `DROP ROLE IF EXISTS bundled_${role}_${suffix}`)
  await runStatements(maintenanceUrl(), `DROP DATABASE ${dbname} WITH (FORCE)`, ...drops)
})

const invoke = (folder: string, event: unknown, timeLeftMs?: number) => invokeBundle(folder, variables, event, timeLeftMs)
const ask = (folder: string, routeKey: string, request: Call = {}) =>
  call((event) => invoke(folder, event) as Promise<object>, routeKey, request)

async function askAs(
  user: { sub: string; scope?: string },
  folder: string,
  routeKey: string,
  request: Call & { json?: object } = {},
) {
  const { json, ...rest } = request
  const headers = {
    authorization: `Bearer ${await environment.token(user)}`,
    "idempotency-key": "the-key-of-the-test",
    ...rest.headers,
  }
  if (json === undefined) return ask(folder, routeKey, { ...rest, headers })
  return ask(folder, routeKey, {
    ...rest,
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(json),
  })
}

const operator = { sub: "operator", scope: "sales:admin" }
const alice = { sub: "alice" }

describe("a sale, run by the bundles", () => {
  let reservation: Required<Pick<Call, "path" | "query">> = { path: {}, query: "" }

  test("the deployment reads the names of the brokers", async () => {
    const event = { RequestType: "Create", ResourceProperties: { ClusterArn, Auth: "iam" } }
    expect(await invoke("bootstrap-brokers", event)).toMatchObject({ Data: { Brokers: "b-1:9098" } })
  })
  test("the deployment provisions database and log", async () => {
    expect(await invoke("provisioner", { RequestType: "Create", ResourceProperties: {} })).toMatchObject({
      Data: { AppliedMigrations: expect.stringContaining("0001_sale") },
    })
    await createNamedTopics(Object.values(topics))
  })
  test("the first rotation creates the keys of receipts", async () => {
    const rotating = await rotatingSecrets()
    onTestFinished(() => rotating.close())
    const SecretId = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:keys"
    rotating.put(SecretId, "AsSecretsManagerFillsItAtFirst")
    rotating.begin(SecretId, "first-rotation")
    const names = { RECEIPT_KEYS_SECRET_ARN: SecretId, REDIS_AUTH_TOKEN_SECRET_ARN: "token", REPLICATION_GROUP_ID: "sale" }
    for (const Step of ["createSecret", "setSecret", "testSecret", "finishSecret"]) {
      const event = { Step, SecretId, ClientRequestToken: "first-rotation" }
      await invokeBundle("secret-rotation", { ...rotating.variables, ...names, SALE_WINDOWS: "[]" }, event)
    }
    expect(JSON.parse(rotating.valueOf(SecretId, "AWSCURRENT") ?? "")).toMatchObject({ keys: [{ crv: "Ed25519" }, {}] })
  })
  test("an operator creates the sale and opens it", async () => {
    expect(await askAs(operator, "admin", "POST /v1/admin/skus", { json: sku })).toMatchObject({ status: 201 })
    expect(await askAs(operator, "admin", "POST /v1/admin/skus/{sku_id}/open", { path: skuPath })).toMatchObject({ status: 200 })
  })
  test("opening it called the warmer, which asks for warm environments", async () => {
    const called = "POST /2015-03-31/functions/flash-sale-test-warmer/invocations"
    expect(lambdaCalls).toEqual([called])
    await invoke("warmer", {})
    const setting = "/2019-09-30/functions/flash-sale-test-reserve/provisioned-concurrency?Qualifier=live"
    expect(lambdaCalls.slice(1)).toEqual([`GET ${setting}`, `PUT ${setting}`])
    const asked = { command: "warm", minutes: 30, operator: "the test" }
    expect(await invoke("ops", asked, 60_000)).toMatchObject({ ok: true, result: { until: expect.any(String) } })
    expect(lambdaCalls.at(-1)).toBe(called)
  })
  test("anyone sees it", async () => {
    expect(await ask("catalogue", "GET /v1/skus")).toMatchObject({ status: 200, body: { items: [{ sku_id: sku.sku_id }] } })
    // On a busy machine the first connection may take longer than a read may wait for it. The answer is then 503, and the next
    // read finds the connection.
    await vi.waitFor(
      async () =>
        expect(await ask("availability", "GET /v1/skus/{sku_id}/availability", { path: skuPath })).toMatchObject({
          status: 200,
          body: { available: 3 },
        }),
      { timeout: 10_000, interval: 100 },
    )
    expect(await ask("documents", "GET /openapi.json")).toMatchObject({ status: 200, body: { openapi: expect.any(String) } })
    expect(await ask("health", "GET /v1/ready")).toMatchObject({ status: 200, body: { status: "ok" } })
    expect(await ask("not-found", "$default", { rawPath: "/nowhere" })).toMatchObject({ status: 404 })
  })
  test("a shopper and a partner send requests", async () => {
    const json = { sku_id: sku.sku_id, quantity: 1 }
    const queued = await askAs(alice, "reserve", "POST /v1/reservations", { json, headers: { prefer: "respond-async" } })
    expect(queued).toMatchObject({ status: 202, body: { status: "QUEUED" } })
    const { pathname, searchParams } = new URL(queued.headers.location ?? "", "https://sale.test")
    reservation = { path: { reservation_id: pathname.split("/").at(-1) ?? "" }, query: searchParams.toString() }
    const partner = { sub: "partner", scope: "reservations:batch" }
    const batch = { items: [{ ...json, user_id: "bob" }] }
    expect(await askAs(partner, "reserve-batch", "POST /v1/reservations/batch", { json: batch })).toMatchObject({ status: 202 })
  })
  test("the writer decides", async () => {
    expect(await invoke("batch-writer", await deliveryOf(topics.requests))).toEqual({ batchItemFailures: [] })
    const seen = await askAs(alice, "reservation", "GET /v1/reservations/{reservation_id}", reservation)
    expect(seen).toMatchObject({ status: 200, body: { status: "RESERVED" } })
  })
  test("the shopper pays with a card that needs a confirmation, the provider calls, and the shopper has an order", async () => {
    const pay = () =>
      askAs(alice, "checkout", "POST /v1/reservations/{reservation_id}/checkout", {
        ...reservation,
        json: { payment_method: "pm_card_threeDSecure2Required" },
      })
    const page = new URL((await pay()).body.action_url)
    await fetch(page, { method: "POST", body: new URLSearchParams({ outcome: "confirm" }) })
    const attemptId = attemptIdOf(reservation.path?.reservation_id ?? "", "the-key-of-the-test")
    const event = eventOf(page.pathname.split("/").at(-1) ?? "", attemptId)
    const tell = (secret: string) => ask("checkout", "POST /v1/payments/webhook", signedCall(event, { secret }))
    expect(await tell("whsec_of_nobody")).toMatchObject({ status: 400, body: { type: "/problems/signature-invalid" } })
    expect(await tell("whsec_before")).toMatchObject({ status: 200, body: { received: true } })
    expect(await pay()).toMatchObject({ status: 200, body: { status: "PENDING_CAPTURE" } })
  })
  test("the ledger is published, its heads are archived, and the payment is captured", async () => {
    await invoke("expiry-sweeper", {}, 8_000)
    expect(archived.map((object) => JSON.parse(object))).toEqual([
      {
        read_at: expect.any(String),
        heads: [{ sku_no: 1, seq: expect.any(Number), head_hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      },
    ])
    expect(await invoke("event-reactor", await deliveryOf(topics.events), 20_000)).toEqual({ batchItemFailures: [] })
    expect(await askAs(alice, "orders", "GET /v1/orders")).toMatchObject({ status: 200, body: { items: [{ status: "PAID" }] } })
  })
  test("the events are counted in DynamoDB, once, and the report goes to S3", async () => {
    const delivery = await deliveryOf(topics.events)
    for (const _ of ["the first time", "again"]) expect(await invoke("analytics", delivery)).toEqual({ batchItemFailures: [] })
    const query = `sku_id=${sku.sku_id}`
    const { status, body } = await askAs(operator, "admin", "GET /v1/admin/analytics", { query })
    expect(status).toBe(200)
    expect(body).toMatchObject({ total_orders: 2, reserved_orders: 2, orders_per_minute: 2, totals: { confirmed: 1 } })
    await invoke("analytics-report", {}, 5_500)
    expect(JSON.parse(reports.get(`/${reportFiles.json}`) ?? "")).toMatchObject({ total_orders: 2, totals: { confirmed: 1 } })
    expect(reports.get(`/${reportFiles.prometheus}`)).toContain("flash_sale_analytics_total_orders 2\n")
  })
  test("the shopper gets a mail, whose bounce an operator sees, and the warehouse gets the order", async () => {
    await invoke("expiry-sweeper", {}, 8_000)
    const delivery = await deliveryOf(topics.events)
    expect(await invoke("notifier", delivery, 30_000)).toEqual({ batchItemFailures: [] })
    expect(mails.map((mail) => JSON.parse(mail))).toMatchObject([
      {
        FromEmailAddress: expect.stringContaining("<no-reply@shop.example>"),
        ConfigurationSetName: "flash-sale-test",
        Destination: { ToAddresses: [localShopper(userIdOf(tokenIssuer, alice.sub)).email] },
      },
    ])
    const { EmailTags } = JSON.parse(mails[0] ?? "") as { EmailTags: { Name: string; Value: string }[] }
    const tags = Object.fromEntries(EmailTags.map(({ Name, Value }) => [Name, [Value]]))
    const bounce = { bounceType: "Permanent", bounceSubType: "General" }
    await invoke("mail-feedback", { detail: { mail: { tags }, bounce } })
    const asked = { command: "notices", operator: "the test", ...reservation.path }
    expect(await invoke("ops", asked, 60_000)).toMatchObject({
      ok: true,
      result: { items: [{ kind: "order-confirmed", state: "BOUNCED", reason: "Permanent-General", message_id: "0102" }] },
    })
    expect(await invoke("fulfilment", delivery, 30_000)).toEqual({ batchItemFailures: [] })
    expect((await readTopic(topics.orders)).map((value) => JSON.parse(value))).toMatchObject([
      { event_type: "order.confirmed", event_id: tags["event-id"]?.[0], ...reservation.path, amount_minor: 500 },
    ])
  })
  test("a delivery that was not finished is reported, and fails where the mapping does not read the answer", async () => {
    const [requests, events] = [await deliveryOf(topics.requests), await deliveryOf(topics.events)]
    // The writer gets records after a gap, which it must not decide. The others have no time left, or no table.
    const late = withOffsetsAfter(requests, 1_000)
    const unfinished = [
      ["batch-writer", late, variables, 10_000],
      ["event-reactor", events, variables, 1],
      ["analytics", events, { ...variables, ANALYTICS_TABLE: "not-there" }, 10_000],
      ["notifier", events, variables, 1],
      ["fulfilment", events, variables, 1],
    ] as const
    await Promise.all(
      unfinished.map(async ([folder, delivery, given, timeLeftMs]) => {
        const topic = folder === "batch-writer" ? topics.requests : topics.events
        const answer = (await invokeBundle(folder, given, delivery, timeLeftMs)) as MskResponse
        const [failed, ...more] = answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
        expect(failed, folder).toEqual({ partition: expect.stringContaining(topic), offset: expect.any(Number) })
        expect(more, folder).toEqual([])
        const whole = { ...given, [unfinishedDeliveries.variable]: unfinishedDeliveries.thrown }
        const failing = invokeBundle(folder, whole, delivery, timeLeftMs)
        await expect(failing, folder).rejects.toThrow(`not finished: ${failed?.partition} from offset ${failed?.offset}.`)
      }),
    )
  })
  test("the user pool learns when an account was made, and its tokens say so", async () => {
    const userName = randomUUID()
    const trigger = (triggerSource: string, userAttributes = {}) =>
      invoke("token-claims", { triggerSource, userPoolId: "pool", userName, request: { userAttributes }, response: {} })
    await trigger("PostConfirmation_ConfirmSignUp")
    const Name = "custom:account_created_at"
    expect(notedAccounts).toEqual([
      { UserPoolId: "pool", Username: userName, UserAttributes: [{ Name, Value: expect.stringMatching(/^\d{10}$/) }] },
    ])
    expect(await trigger("TokenGeneration_Authentication", { [Name]: "1800000000" })).toMatchObject({
      response: {
        claimsAndScopeOverrideDetails: {
          accessTokenGeneration: { claimsToAddOrOverride: { account_created_at: "1800000000" } },
        },
      },
    })
  })
  test("an alarm calls somebody", async () => {
    const message = { AlarmName: "flash-sale-test-OversellDetected", NewStateValue: "ALARM", Region: "EU (Frankfurt)" }
    const Message = JSON.stringify({ ...message, StateChangeTime: "2026-11-27T10:00:00.000+0000" })
    await invoke("pager", { Records: [{ Sns: { TopicArn: alarmTopic, Message } }] }, 10_000)
    expect(pages).toMatchObject([{ routing_key: "key-of-p0", event_action: "trigger" }])
  })
  test("no invariant is broken in the checks of an administrator and of an operator", async () => {
    const asked = { command: "verify-sale", operator: "the test" }
    expect(await invoke("ops-checks", asked, 60_000)).toMatchObject({ ok: true, result: { ok: true, violations: [] } })
    expect(await askAs(operator, "admin", "GET /v1/admin/verify")).toMatchObject({ status: 200, body: { ok: true } })
  })
})

describe("every bundle", () => {
  test("was loaded by Node 24 and invoked", () => {
    expect([...loaded.keys()].sort()).toEqual([...handlerFolders].sort())
    for (const { node } of loaded.values()) expect(node).toMatch(/^v24\./)
    console.table(
      [...loaded.values()].map(({ folder, bytes, importMs }) => ({
        folder,
        kB: Math.round(bytes / 1_024),
        importMs: Math.round(importMs),
      })),
    )
  })
  test.each(handlerFolders)("%s is small enough to start quickly, and holds nothing of local/, test/, ops/ or lib/", (folder) => {
    const map = JSON.parse(readFileSync(`${bundleFileOf(folder)}.map`, "utf8")) as { sources: string[] }
    const own = map.sources.filter((source) => !source.includes("node_modules/"))
    expect(own.filter((source) => !/\/(core|lambdas)\//.test(source))).toEqual([])
    expect(readFileSync(bundleFileOf(folder)).byteLength).toBeLessThan(maxBundleBytesOf(folder))
  })
})
