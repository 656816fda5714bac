import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest"
import { parseReceiptKeys } from "../../../core/adapters/receipts/keys.ts"
import { steps } from "../../../lambdas/secret-rotation/workflow.ts"
import type { SaleConfig } from "../../../lib/config.ts"
import { freezeWindow } from "../../../lib/constructs/deploy-role.ts"
import { type RotatingSecrets, rotatingSecrets } from "../../services/secret-versions.ts"

const arnOf = (name: string) => `arn:aws:secretsmanager:eu-central-1:111111111111:secret:${name}`
const [receiptKeys, cacheToken, kafkaLogin] = ["keys", "token", "login"].map(arnOf) as [string, string, string]
const sale: SaleConfig = {
  skuId: "SKU-001",
  opensAt: "2027-03-19T18:00:00Z",
  closesAt: "2027-03-19T18:30:00Z",
  units: 10,
  priceMinor: 100,
  holdSeconds: 120,
}
const betweenSales = new Date("2027-03-01T00:30:00Z")
const context = { getRemainingTimeInMillis: () => 900_000 }

let secrets: RotatingSecrets
let handler: typeof import("../../../lambdas/secret-rotation/handler.ts").handler

beforeAll(async () => {
  secrets = await rotatingSecrets()
  Object.assign(process.env, secrets.variables, {
    RECEIPT_KEYS_SECRET_ARN: receiptKeys,
    REDIS_AUTH_TOKEN_SECRET_ARN: cacheToken,
    KAFKA_LOGIN_SECRET_ARN: kafkaLogin,
    REPLICATION_GROUP_ID: "sale",
    SALE_WINDOWS: JSON.stringify([freezeWindow(sale)]),
  })
  handler = (await import("../../../lambdas/secret-rotation/handler.ts")).handler
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: betweenSales })
  secrets.changes.length = 0
  secrets.put(receiptKeys, "AsSecretsManagerFillsItAtFirst")
  secrets.put(kafkaLogin, JSON.stringify({ username: "flash-sale", password: "first" }))
})
afterAll(() => {
  vi.useRealTimers()
  return secrets.close()
})

const step = (Step: string, SecretId: string, ClientRequestToken: string) =>
  handler({ Step, SecretId, ClientRequestToken }, context)
async function rotateOnce(secret: string, token: string): Promise<void> {
  secrets.begin(secret, token)
  for (const each of steps) await step(each, secret, token)
}

test("the first rotation creates the keys of receipts; each later one promotes the key that was published before", async () => {
  await rotateOnce(receiptKeys, "one")
  const first = parseReceiptKeys(secrets.valueOf(receiptKeys, "AWSCURRENT") ?? "")
  await rotateOnce(receiptKeys, "two")
  const second = parseReceiptKeys(secrets.valueOf(receiptKeys, "AWSCURRENT") ?? "")
  expect(first.verifyingKeys.has(second.header)).toBe(true)
  expect(second.verifyingKeys.has(first.header)).toBe(true)
  expect(second.header).not.toBe(first.header)
  expect(secrets.valueOf(receiptKeys, "AWSPREVIOUS")).toContain(first.published[0]?.kid)
})

test("the Kafka login keeps its user and gets another password", async () => {
  await rotateOnce(kafkaLogin, "one")
  const { username, password } = JSON.parse(secrets.valueOf(kafkaLogin, "AWSCURRENT") ?? "")
  expect(username).toBe("flash-sale")
  expect(password).toMatch(/^[A-Za-z0-9-]{64}$/)
})

test.each(steps)("%s may be repeated, and changes nothing the second time", async (repeated) => {
  secrets.begin(kafkaLogin, "one")
  for (const each of steps) {
    await step(each, kafkaLogin, "one")
    if (each === repeated) await step(each, kafkaLogin, "one")
  }
  expect(secrets.changes).toEqual(["PutSecretValue", "UpdateSecretVersionStage"])
})

test("a version without a value never becomes current", async () => {
  secrets.begin(kafkaLogin, "empty")
  await expect(step("setSecret", kafkaLogin, "empty")).rejects.toThrow("has no value yet")
  await expect(step("finishSecret", kafkaLogin, "empty")).rejects.toThrow("has no value yet")
  expect(secrets.changes).toEqual([])
})

test("testSecret on an empty version passes: Secrets Manager calls it for a new schedule", async () => {
  secrets.begin(receiptKeys, "trial")
  await step("testSecret", receiptKeys, "trial")
})

test("a token that belongs to no rotation is refused, and so is a secret of another owner", async () => {
  await expect(step("createSecret", kafkaLogin, "unknown")).rejects.toThrow("is not pending: no rotation was begun for it")
  await expect(step("createSecret", arnOf("payment"), "one")).rejects.toThrow("not among the secrets")
})

test.each([
  ["2027-03-19T17:00:00Z", true],
  ["2027-03-19T18:10:00Z", true],
  ["2027-03-19T19:01:59Z", true],
  ["2027-03-19T16:59:59Z", false],
  ["2027-03-19T19:02:00Z", false],
])("at %s a rotation is refused: %s", async (time, refused) => {
  vi.setSystemTime(time)
  secrets.begin(kafkaLogin, "one")
  const rotating = step("createSecret", kafkaLogin, "one")
  if (refused) await expect(rotating).rejects.toThrow("a sale is near or open")
  else await rotating
  expect(secrets.changes).toHaveLength(refused ? 0 : 1)
})

test("a malformed login fails without its text in the message", async () => {
  secrets.put(kafkaLogin, '{"password":"hunter2"')
  secrets.begin(kafkaLogin, "one")
  const failed = await step("createSecret", kafkaLogin, "one").catch((error: unknown) => String(error))
  expect(failed).toContain("KAFKA_LOGIN")
  expect(failed).not.toContain("hunter2")
})
