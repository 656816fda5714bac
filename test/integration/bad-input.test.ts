import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"
import { type Answer, type Api, type Ask, givenApi, newKey, refused } from "./bad-input-api.ts"

let database: TestDatabase
let topics: TestTopics
let api: Api
let sku: string

beforeAll(async () => {
  database = await freshDatabase()
  topics = await freshTopics({ databaseUrl: database.url })
  api = await givenApi({ databaseUrl: database.url, redisUrl: await freshRedis(), topics })
  sku = await api.sku()
})
afterAll(async () => {
  await api.close()
  await database.drop()
})

const reserve = (body: Ask["body"], more: Ask = {}): Promise<Answer> =>
  api.ask("POST", "/v1/reservations", { user: "alice", key: newKey(), ...(body !== undefined && { body }), ...more })
const good = () => ({ sku_id: sku, quantity: 1 })
const fieldsOf = ({ body }: Answer) => (body.errors as { field: string }[]).map(({ field }) => field)

describe.concurrent("a body that is not strictly JSON is malformed-json", () => {
  test.for<[string, Ask["body"]]>([
    ["missing", undefined],
    ["empty", ""],
    ["broken", '{"sku_id":"x","quantity":'],
    ["with a byte order mark", '\ufeff{"sku_id":"x","quantity":1}'],
    ["invalid UTF-8", Buffer.from('{"sku_id":"\xff","quantity":1}', "latin1")],
    ["with duplicate keys", '{"sku_id":"x","quantity":1,"quantity":2}'],
    ["deeper than five levels", '{"a":[[[[[1]]]]]}'],
    ["eight thousand levels deep", "[".repeat(4_000) + "]".repeat(4_000)],
  ])("%s", async ([, body]) => {
    expect(await reserve(body)).toEqual(refused("malformed-json"))
  })
})

describe.concurrent("a body that is too large is payload-too-large", () => {
  test("over 8 KB", async () => {
    expect(await reserve(JSON.stringify({ ...good(), pad: "x".repeat(8_192) }))).toEqual(refused("payload-too-large"))
  })
  test("a batch over 512 KB", async () => {
    const body = { items: Array.from({ length: 4_000 }, () => ({ user_id: "u".repeat(128), ...good() })) }
    const more = { user: "partner", scope: "reservations:batch", key: newKey() }
    expect(await api.ask("POST", "/v1/reservations/batch", { ...more, body })).toEqual(refused("payload-too-large"))
  })
  test("a batch over 1,000 items is not large but invalid", async () => {
    const body = { items: Array.from({ length: 1_001 }, () => ({ user_id: "u", ...good() })) }
    const more = { user: "partner", scope: "reservations:batch", key: newKey() }
    expect(await api.ask("POST", "/v1/reservations/batch", { ...more, body })).toEqual(refused("validation-failed"))
  })
})

test.for(["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data"])(
  "Content-Type %s is unsupported-media-type",
  async (type) => {
    expect(await reserve(JSON.stringify(good()), { headers: { "content-type": type } })).toEqual(
      refused("unsupported-media-type"),
    )
  },
)

test.for(["text/html", "image/*", "application/json;q=0"])("Accept %s is not-acceptable", async (accept) => {
  expect(await reserve(good(), { headers: { accept } })).toEqual(refused("not-acceptable"))
  expect(await api.ask("GET", `/v1/skus/${sku}/availability`, { headers: { accept } })).toEqual(refused("not-acceptable"))
})

describe.concurrent("wrong fields are validation-failed, and each is named", () => {
  const body = (fields: string) => `{"sku_id":"sku-001","quantity":1${fields}}`
  const quantity = (text: string) => `{"sku_id":"sku-001","quantity":${text}}`
  const named = (name: string) => `{"sku_id":"${name}","quantity":1}`

  test.for<[string, string, string]>([
    ["an unknown field", body(',"colour":"red"'), "colour"],
    ["an amount", body(',"amount":1'), "amount"],
    ["__proto__", body(',"__proto__":{"quantity":1}'), "__proto__"],
    ...["0", "-1", "1.5", '"1"', "1e308", "9007199254740993", "1e999", "null", "[1]", "true"].map(
      (text): [string, string, string] => [`quantity ${text}`, quantity(text), "quantity"],
    ),
    ["sku empty", named(""), "sku_id"],
    ["sku too long", named("s".repeat(65)), "sku_id"],
    ["sku with NUL", named("sku\\u0000"), "sku_id"],
    ["sku with an RTL override", named("sku\u202e"), "sku_id"],
    ["sku with half a surrogate pair", named("sku\\udc00"), "sku_id"],
    ["sku with an injection", named("' OR 1=1; DROP TABLE inventory; --"), "sku_id"],
  ])("%s", async ([, text, field]) => {
    const answer = await reserve(text)
    expect(answer).toEqual(refused("validation-failed"))
    expect(fieldsOf(answer)).toEqual([field])
  })

  test("a checkout that brings its own amount", async () => {
    const path = `/v1/reservations/${crypto.randomUUID()}/checkout`
    const answer = await api.ask("POST", path, {
      user: "alice",
      key: newKey(),
      body: { payment_method: "pm_card_visa", amount: 1 },
    })
    expect(answer).toEqual(refused("validation-failed"))
    expect(fieldsOf(answer)).toEqual(["amount"])
  })

  test.for<[string, object, string]>([
    ["a name with NUL, which PostgreSQL could not store", { name: "a\u0000b" }, "name"],
    ["half a surrogate pair", { name: "a\ud800" }, "name"],
    ["more stock than there may be", { total_stock: 10_000_001 }, "total_stock"],
    ["a hold of an hour and a second", { hold_seconds: 3_601 }, "hold_seconds"],
    ["a price of half a cent", { price_minor: 0.5 }, "price_minor"],
    ["no price", { price_minor: 0 }, "price_minor"],
    ["a price below the provider's minimum", { price_minor: 20 }, "price_minor"],
    ["a price that the provider has no coins for", { price_minor: 1_234, currency: "KWD" }, "price_minor"],
    [
      "a price that is too high for the units that one user may have",
      { price_minor: 60_000_000, per_user_limit: 2 },
      "price_minor",
    ],
    ["a currency that the provider does not charge in", { currency: "XYZ" }, "currency"],
    ["a moment that does not exist", { opens_at: "2026-02-30T00:00:00Z" }, "opens_at"],
    ["a moment in the year 0, which PostgreSQL does not know", { opens_at: "0000-01-01T00:00:00Z" }, "opens_at"],
    ["a moment that rounds into the year 10000", { closes_at: "9999-12-31T23:59:59.9999Z" }, "closes_at"],
    ["a moment without its zone", { opens_at: "2026-03-01T00:00:00" }, "opens_at"],
    ["a sale that closes before it opens", { opens_at: "2026-03-02T00:00:00Z", closes_at: "2026-03-01T00:00:00Z" }, "closes_at"],
  ])("a SKU with %s", async ([, fields, field]) => {
    const valid = { sku_id: "sku-new", name: "A thing", price_minor: 100, currency: "EUR", total_stock: 1 }
    const answer = await api.admin("POST", "/v1/admin/skus", { ...valid, ...fields })
    expect(answer).toEqual(refused("validation-failed"))
    expect(fieldsOf(answer)).toEqual([field])
  })
})

test("none of these requests reached the queue", async () => {
  const kafka = kafkaClient(inject("services").kafkaBrokers.split(","), "bad-input-test")
  const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topics.requests))
  expect(offsets.map(({ high }) => high)).toEqual(offsets.map(() => "0"))
})
