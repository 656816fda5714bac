import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { topics } from "../../core/contracts/topics.ts"
import { provisionLog } from "../../local/provision.ts"
import { eventOf, signedCall } from "../sale/signed-call.ts"
import { type PrivateKafka, type PrivatePostgres, privateKafka, privatePostgres } from "../services/private.ts"
import { freshRedis } from "../services/redis.ts"
import { type Api, givenApi, newKey, refused } from "./bad-input-api.ts"

let postgres: PrivatePostgres
let kafka: PrivateKafka
let api: Api
let sku: string

beforeAll(async () => {
  ;[postgres, kafka] = await Promise.all([privatePostgres(), privateKafka()])
  await provisionLog({
    databaseUrl: postgres.url,
    brokers: kafka.brokers,
    definitions: Object.values(topics).map((topic) => ({ ...topic, partitions: 1 })),
  })
  api = await givenApi({
    databaseUrl: postgres.url,
    redisUrl: await freshRedis(),
    kafkaBrokers: kafka.brokers,
    more: { DECISION_WAIT_MS: "0" },
  })
  sku = await api.sku({ per_user_limit: 10, max_unpaid_holds: 10 })
})
afterAll(async () => {
  await api?.close()
  await Promise.all([kafka?.stop(), postgres?.stop()])
})

const reserve = (user = "alice", key = newKey()) =>
  api.ask("POST", "/v1/reservations", { user, key, body: { sku_id: sku, quantity: 1 } })

// The order matters: a stopped server stays stopped.
test("before the outages every request succeeds", async () => {
  expect((await reserve()).status).toBe(202)
  expect(await api.ask("GET", "/v1/ready")).toMatchObject({
    status: 200,
    body: { status: "ok", checks: { postgres: "ok", redis: "ok", kafka: "ok" } },
  })
})

test("a broker that does not acknowledge in time is outcome-unknown, and the retry with the same key gets the same reservation", async () => {
  const key = newKey()
  kafka.freeze()
  expect(await reserve("alice", key)).toEqual(refused("outcome-unknown", { decided: false }))
  expect(await api.ask("GET", "/v1/ready")).toEqual(
    refused("temporarily-unavailable", { checks: { postgres: "ok", redis: "ok", kafka: "unavailable" } }),
  )
  kafka.thaw()
  const answers = [await reserve("alice", key), await reserve("alice", key)]
  expect(answers.map(({ status }) => status)).toEqual([202, 202])
  expect(new Set(answers.map(({ body }) => body.reservation_id)).size).toBe(1)
})

test("without Kafka a reservation is temporarily-unavailable, and calls that need no queue succeed", async () => {
  await kafka.stop()
  // The connections of the first calls may break during them: their outcome is then unknown.
  await vi.waitFor(async () => expect(await reserve()).toEqual(refused("temporarily-unavailable", { decided: false })), {
    timeout: 10_000,
  })
  expect((await api.ask("GET", `/v1/skus/${sku}/availability`)).status).toBe(200)
  expect((await api.ask("GET", "/v1/orders", { user: "alice" })).status).toBe(200)
})

test("without PostgreSQL, data that only it holds is temporarily-unavailable, never not-found and never a 500", async () => {
  await postgres.kill()
  const unknown = { user: "alice", key: newKey(), body: { sku_id: "sku-unknown", quantity: 1 } }
  expect(await api.ask("POST", "/v1/reservations", unknown)).toEqual(refused("temporarily-unavailable", { decided: false }))
  const id = crypto.randomUUID()
  const payment = { user: "alice", key: newKey(), body: { payment_method: "pm_card_visa" } }
  for (const answer of [
    await api.ask("GET", "/v1/skus/sku-unknown"),
    await api.ask("GET", "/v1/orders", { user: "alice" }),
    await api.ask("GET", `/v1/orders/${id}`, { user: "alice" }),
    await api.ask("GET", `/v1/reservations/${id}`, { user: "alice" }),
    await api.ask("DELETE", `/v1/reservations/${id}`, { user: "alice" }),
    await api.ask("POST", `/v1/reservations/${id}/checkout`, payment),
    await api.ask("POST", "/v1/payments/webhook", signedCall(eventOf("pi_1", id))),
    await api.admin("GET", "/v1/admin/verify"),
    await api.admin("POST", `/v1/admin/skus/${sku}/halt`),
  ]) {
    expect(answer).toEqual(refused("temporarily-unavailable"))
  }
  expect((await api.ask("GET", "/v1/health")).status).toBe(200)
})
