import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"
import { readWebhookCall } from "../../../core/adapters/payment/webhook.ts"
import { readSecretVersions } from "../../../core/runtime/secrets.ts"
import { eventOf, signedCall } from "../../sale/signed-call.ts"
import { type SecretsServer, secretsServer } from "../../services/secrets-manager.ts"

const arn = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:webhook"
const attemptId = "5f8c2f0e-7a39-5d51-9f0f-1d6b60e31f4e"
let secrets: SecretsServer

beforeAll(async () => {
  secrets = await secretsServer()
  for (const value of ["whsec_before_last", "whsec_last", "whsec_now"]) secrets.put(arn, value)
})
afterAll(() => secrets.close())
beforeEach(() => {
  vi.stubEnv("PAYMENT_WEBHOOK_SECRET_SECRET_ARN", arn)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

async function read(secret: string) {
  const { body, headers } = signedCall(eventOf("pi_1", attemptId), { secret })
  return readWebhookCall(body, headers["stripe-signature"], await readSecretVersions("PAYMENT_WEBHOOK_SECRET"))
}

test.each([
  ["the secret of now", "whsec_now"],
  ["the secret before it, with which the provider signs until it has the new one", "whsec_last"],
])("a call signed with %s is the provider's", async (_, secret) => {
  expect(await read(secret)).toEqual({ kind: "notice", payment: { ref: "pi_1", attemptId } })
})

test.each([
  ["a retired one", "whsec_before_last"],
  ["another", "whsec_NOW"],
])("a call signed with %s is forged", async (_, secret) => {
  expect(await read(secret)).toEqual({ kind: "forged" })
})

test("without any secret every call is forged", () => {
  const { body, headers } = signedCall(eventOf("pi_1", attemptId))
  expect(readWebhookCall(body, headers["stripe-signature"], [])).toEqual({ kind: "forged" })
  expect(readWebhookCall(body, headers["stripe-signature"], [""])).toEqual({ kind: "forged" })
})
