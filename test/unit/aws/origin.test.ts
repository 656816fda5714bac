import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"
import { publicEndpoint } from "../../../core/adapters/http/handler.ts"
import { httpHandler } from "../../../core/runtime/http-handler.ts"
import { type SecretsServer, secretsServer } from "../../services/secrets-manager.ts"
import { call } from "../http/call.ts"

const arn = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:origin"
let secrets: SecretsServer

beforeAll(async () => {
  secrets = await secretsServer()
  secrets.put(arn, "before-last")
  secrets.put(arn, "last")
  secrets.put(arn, "now")
})
afterAll(() => secrets.close())
beforeEach(() => {
  vi.stubEnv("ORIGIN_SECRET_SECRET_ARN", arn)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const health = () => httpHandler({ "GET /v1/health": publicEndpoint({}, async () => ({ status: 200, body: {} })) })
const ask = (headers: Record<string, string> = {}) => call(health(), "GET /v1/health", { headers })

test.each([
  ["the secret of the edge", "now"],
  ["the secret before the last rotation, which CloudFront may still send", "last"],
])("%s is accepted", async (_, secret) => {
  expect(await ask({ "x-origin-secret": secret })).toMatchObject({ status: 200 })
})

test.each([
  ["a retired secret", { "x-origin-secret": "before-last" }],
  ["a wrong secret", { "x-origin-secret": "NOW" }],
  ["an empty secret", { "x-origin-secret": "" }],
  ["no secret", {}],
])("%s gets 404", async (_, headers) => {
  const answer = await ask(headers)
  expect(answer).toMatchObject({ status: 404, body: { type: "/problems/not-found" } })
  expect(JSON.stringify(answer)).not.toContain("now")
})

test("without a secret in the environment every request is accepted, as in the local run", async () => {
  vi.stubEnv("ORIGIN_SECRET_SECRET_ARN", undefined)
  expect(await ask()).toMatchObject({ status: 200 })
})
