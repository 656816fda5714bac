import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { environmentSecurity } from "../../../core/runtime/kafka.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

beforeEach(() => {
  for (const [name, value] of Object.entries(awsVariables)) vi.stubEnv(name, value)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

test("without KAFKA_AUTH nothing is set, as in the local run", () => {
  expect(environmentSecurity()).toEqual({})
})

test("with IAM each connection has a token that names the right to connect in this region, signed by the function's role", async () => {
  vi.stubEnv("KAFKA_AUTH", "iam")
  const { ssl, sasl } = environmentSecurity()
  expect(ssl).toBe(true)
  if (sasl?.mechanism !== "oauthbearer" || !("oauthBearerProvider" in sasl)) throw new Error("IAM goes over OAUTHBEARER")
  const { value } = await sasl.oauthBearerProvider()
  const url = new URL(Buffer.from(value, "base64url").toString())
  expect(url.hostname).toBe("kafka.eu-central-1.amazonaws.com")
  expect(url.searchParams.get("Action")).toBe("kafka-cluster:Connect")
  expect(url.searchParams.get("X-Amz-Credential")).toContain(awsVariables.AWS_ACCESS_KEY_ID)
})

test("with SCRAM each connection logs in with the current secret, over TLS", async () => {
  vi.stubEnv("KAFKA_AUTH", "scram")
  const { ssl, sasl } = environmentSecurity()
  expect(ssl).toBe(true)
  if (sasl === undefined || !("authenticationProvider" in sasl)) throw new Error("SCRAM brings its own provider")

  const firstMessage = async () => {
    const sent: Buffer[] = []
    const saslAuthenticate = async ({ request }: { request: { encode(): Promise<Buffer> | Buffer } }) => {
      sent.push(Buffer.from(await request.encode()))
      throw new Error("That is enough")
    }
    const logger = { debug: () => {}, error: () => {}, info: () => {}, warn: () => {} }
    const connection = { host: "broker", port: 9096, logger, saslAuthenticate } as unknown as Parameters<
      typeof sasl.authenticationProvider
    >[0]
    await expect(sasl.authenticationProvider(connection).authenticate()).rejects.toThrow("That is enough")
    return sent.join("")
  }
  vi.stubEnv("KAFKA_LOGIN", '{"username":"alice","password":"one"}')
  expect(await firstMessage()).toContain("n=alice")
  vi.stubEnv("KAFKA_LOGIN", '{"username":"bob","password":"two"}')
  expect(await firstMessage()).toContain("n=bob")
})

test("an unknown value of KAFKA_AUTH is named", () => {
  vi.stubEnv("KAFKA_AUTH", "kerberos")
  expect(() => environmentSecurity()).toThrow("KAFKA_AUTH")
})
