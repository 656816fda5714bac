import type { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { secretVariable } from "../../core/contracts/environment.ts"
import { redisToken } from "../../core/runtime/redis.ts"
import { type PrivateRedis, privateRedis } from "../services/private.ts"
import { type SecretsServer, secretsServer } from "../services/secrets-manager.ts"

const arn = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:token"
let server: PrivateRedis
let secrets: SecretsServer
let redis: Redis

beforeAll(async () => {
  server = await privateRedis()
  secrets = await secretsServer()
  secrets.put(arn, "first-token")
  process.env[secretVariable("REDIS_AUTH_TOKEN")] = arn
  redis = redisClient(server.url, await redisToken())
})
afterAll(async () => {
  vi.useRealTimers()
  redis.disconnect()
  await Promise.all([secrets.close(), server.stop()])
})

/** An answer of the server: on a busy machine the client may give a connection up and make a new one at any time. */
const answered = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => vi.waitFor(ask, { timeout: 10_000, interval: 20 })

/** Ends the connection from the server's side and waits for the next one. */
async function reconnect(): Promise<void> {
  const before = await answered(() => redis.client("ID"))
  await redis.call("CLIENT", "KILL", "ID", String(before), "SKIPME", "no").catch(() => {})
  await answered(async () => expect(await redis.client("ID")).not.toBe(before))
}

test("a function reconnects with the new auth token when its connection is lost after a rotation", async () => {
  await expect.poll(() => redis.status).toBe("ready")
  await answered(() => redis.config("SET", "requirepass", "first-token"))
  await reconnect()

  secrets.put(arn, "second-token")
  await answered(() => redis.config("SET", "requirepass", "second-token"))
  vi.useFakeTimers({ toFake: ["Date"] })
  vi.setSystemTime(Date.now() + 61_000)
  await reconnect()
  expect(await answered(() => redis.ping())).toBe("PONG")
})
