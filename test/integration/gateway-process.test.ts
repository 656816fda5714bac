import { afterAll, beforeAll, expect, test } from "vitest"
import { pickPort } from "../../local/services/ports.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { type StartedPart, startPart } from "../services/parts.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"

let database: TestDatabase
let environment: HandlerEnvironment
let gateway: StartedPart
let url: string

beforeAll(async () => {
  database = await freshDatabase()
  const topics = await freshTopics({ databaseUrl: database.superuserUrl })
  environment = await handlerEnvironment({ databaseUrl: database.url, redisUrl: await freshRedis(), topics })
  const port = await pickPort(new Set())
  url = `http://127.0.0.1:${port}`
  gateway = await startPart("local/gateway/main.ts", {
    ...environment.variables,
    PORT: String(port),
    TOKEN_JWKS_URI: `${url}/local/jwks.json`,
    LOCAL_METRICS_URLS: "http://127.0.0.1:9/metrics",
    SERVICE_NAME: "gateway",
  })
})
afterAll(async () => {
  await gateway.stop()
  await environment.close()
  await database.drop()
})

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  })

const tokenFor = async (request: object): Promise<string> => {
  const answer = await post("/local/token", request)
  return ((await answer.json()) as { access_token: string }).access_token
}

const createSku = async (token: string, sku: string) =>
  post(
    "/v1/admin/skus",
    { sku_id: sku, name: "A shoe", price_minor: 4_999, currency: "EUR", total_stock: 5 },
    { authorization: `Bearer ${token}` },
  )

test("the real functions answer behind the gateway, with tokens of the local issuer", async () => {
  expect((await fetch(`${url}/v1/health`)).status).toBe(200)
  expect((await createSku(await tokenFor({ sub: "alice" }), "sku-1")).status).toBe(403)
  const created = await createSku(await tokenFor({ sub: "admin", scope: "sales:admin" }), "sku-1")
  expect(created.status).toBe(201)
  const catalogue = await fetch(`${url}/v1/skus`, { headers: { "x-correlation-id": "mine" } })
  expect(catalogue.headers.get("x-correlation-id")).toBe("mine")
  expect(await catalogue.json()).toMatchObject({ items: [{ sku_id: "sku-1" }] })
})

test("a request without a route gets the functions' own problem documents", async () => {
  const missing = await fetch(`${url}/v1/nothing`)
  expect([missing.status, missing.headers.get("content-type")]).toEqual([404, "application/problem+json"])
  const wrongMethod = await fetch(`${url}/v1/skus`, { method: "DELETE" })
  expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "GET"])
})

test("local routes refuse invalid bodies and methods with the same problem documents", async () => {
  const bad = await post("/local/token", { sub: "alice", tier: 9 })
  expect(bad.status).toBe(422)
  expect(await bad.json()).toMatchObject({
    type: "/problems/validation-failed",
    errors: [{ field: "tier" }],
    instance: "/local/token",
  })
  expect(bad.headers.get("x-correlation-id")).toMatch(/./)
  const wrongMethod = await fetch(`${url}/local/token`)
  expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "POST"])
})

test("the metrics page shows the measurements of the functions and the parts that do not answer", async () => {
  expect((await fetch(`${url}/v1/skus/sku-1/availability`)).status).toBe(200)
  const page = await fetch(`${url}/metrics`)
  expect(page.headers.get("content-type")).toMatch(/^text\/plain; version=0.0.4/)
  const text = await page.text()
  expect(text).toMatch(/^# TYPE flash_sale_availability_cache_(hit|miss) counter$/m)
  expect(text).toMatch(/^flash_sale_availability_cache_(hit|miss)\{function="availability"\} 1$/m)
  expect(text).toContain('flash_sale_part_up{part="127.0.0.1:9"} 0\n')
  expect(gateway.printed()).not.toContain("CloudWatchMetrics")
})

test("SIGTERM ends it cleanly", async () => {
  gateway.signal("SIGTERM")
  expect(await gateway.ended).toBe("exit 0")
})
