import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
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

/** Bytes on a bare connection, and everything that comes back until it is closed or answered. */
const exchange = (text: string): Promise<string> =>
  new Promise((resolve) => {
    let received = ""
    const socket = connect(api.port, "127.0.0.1", () => socket.write(text))
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      received += chunk
    })
    socket.on("close", () => resolve(received)).on("error", () => resolve(received))
  })

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
    ["sku with a lone surrogate", named("sku\\udc00"), "sku_id"],
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
    ["a moment that does not exist", { opens_at: "2026-02-30T00:00:00Z" }, "opens_at"],
    ["a moment in the year 0, which PostgreSQL does not know", { opens_at: "0000-01-01T00:00:00Z" }, "opens_at"],
    ["a moment that rounds into the year 10000", { closes_at: "9999-12-31T23:59:59.9999Z" }, "closes_at"],
    ["a moment without its zone", { opens_at: "2026-03-01T00:00:00" }, "opens_at"],
    ["a sale that closes before it opens", { opens_at: "2026-03-02T00:00:00Z", closes_at: "2026-03-01T00:00:00Z" }, "closes_at"],
  ])("a SKU with %s", async ([, fields, field]) => {
    const sound = { sku_id: "sku-new", name: "A thing", price_minor: 1, currency: "EUR", total_stock: 1 }
    const answer = await api.admin("POST", "/v1/admin/skus", { ...sound, ...fields })
    expect(answer).toEqual(refused("validation-failed"))
    expect(fieldsOf(answer)).toEqual([field])
  })
})

describe.concurrent("the Idempotency-Key", () => {
  test("missing", async () => {
    const { key: _none, ...withoutKey } = { user: "alice", key: "", body: good() }
    expect(await api.ask("POST", "/v1/reservations", withoutKey)).toEqual(refused("idempotency-key-required"))
  })
  test.for(["short", "k".repeat(256), "with a space", "with,comma-and-more", "with/slash-and-more", "k\u00e9y-00001"])(
    "malformed: %s",
    async (key) => {
      expect(await reserve(good(), { key })).toEqual(refused("idempotency-key-invalid"))
    },
  )
  test("sent twice", async () => {
    const authorization = `Bearer ${await api.token({ user: "alice" })}`
    const head = [
      `POST /v1/reservations HTTP/1.1`,
      "host: x",
      `authorization: ${authorization}`,
      "content-type: application/json",
    ]
    const text = JSON.stringify(good())
    const keys = [
      "idempotency-key: key-00001",
      "idempotency-key: key-00001",
      `content-length: ${text.length}`,
      "connection: close",
    ]
    const received = await exchange(`${[...head, ...keys].join("\r\n")}\r\n\r\n${text}`)
    expect(received).toMatch(/^HTTP\/1.1 400 /)
    expect(received).toContain("/problems/idempotency-key-invalid")
  })
})

describe.concurrent("what is not a good token is unauthorized", () => {
  const withToken = (authorization: string) => api.ask("GET", "/v1/orders", { headers: { authorization } })
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")

  test("missing", async () => {
    expect(await api.ask("GET", "/v1/orders")).toEqual(refused("unauthorized"))
    expect(await api.ask("POST", "/v1/reservations", { key: newKey(), body: good() })).toEqual(refused("unauthorized"))
  })
  test("garbage", async () => {
    for (const text of ["Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer"]) {
      expect(await withToken(text)).toEqual(refused("unauthorized"))
    }
  })
  test("changed, with another signature, or with none", async () => {
    const [header = "", payload = "", signature = ""] = (await api.token({ user: "alice" })).split(".")
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string }
    for (const forged of [
      `${header}.${part({ ...claims, sub: "bob" })}.${signature}`,
      `${header}.${payload}.${signature.split("").reverse().join("")}`,
      `${part({ alg: "none", kid })}.${payload}.`,
      `${part({ alg: "HS256", kid })}.${payload}.${signature}`,
      `${part({ alg: "RS256", kid: "unknown" })}.${payload}.${signature}`,
    ]) {
      expect(await withToken(`Bearer ${forged}`)).toEqual(refused("unauthorized"))
    }
  })
  test("a scope that is missing is insufficient-scope", async () => {
    expect(await api.ask("GET", "/v1/admin/verify", { user: "alice" })).toEqual(refused("insufficient-scope"))
    const batch = { user: "alice", scope: "sales:admin", key: newKey(), body: { items: [{ user_id: "u", ...good() }] } }
    expect(await api.ask("POST", "/v1/reservations/batch", batch)).toEqual(refused("insufficient-scope"))
  })
})

describe.concurrent("what is not there", () => {
  test("another method is method-not-allowed, with Allow", async () => {
    const answer = await api.ask("PUT", "/v1/reservations")
    expect(answer).toEqual(refused("method-not-allowed"))
    expect(answer.headers.allow).toBe("POST")
    expect(await api.ask("POST", `/v1/skus/${sku}`)).toEqual(refused("method-not-allowed"))
  })
  test.for(["/", "/v2/skus", "/v1/reservations/", "/v1//skus", "/v1/skus/x/y", "/.env", "/v1/admin"])(
    "%s is not-found",
    async (path) => {
      expect(await api.ask("GET", path)).toEqual(refused("not-found"))
    },
  )
  test("a malformed id is not-found", async () => {
    for (const id of ["1", "0f8fad5b-d9cb-069f-a165-70867728950e", "%00", "%ff", "a%20b", "..%2f..%2fetc%2fpasswd"]) {
      expect(await api.ask("GET", `/v1/reservations/${id}`, { user: "alice" })).toEqual(refused("not-found"))
      expect(await api.ask("GET", `/v1/orders/${id}`, { user: "alice" })).toEqual(refused("not-found"))
      expect(await api.ask("DELETE", `/v1/reservations/${id}`, { user: "alice" })).toEqual(refused("not-found"))
    }
    expect(await api.ask("GET", "/v1/skus/-x/availability")).toEqual(refused("not-found"))
  })
  test("a path that climbs out is not-found", async () => {
    for (const path of ["/v1/skus/../../etc/passwd", "/v1/skus/%2e%2e/%2e%2e/etc/passwd", "/../v1/skus", "//v1/skus"]) {
      const received = await exchange(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      expect(received).toMatch(/^HTTP\/1.1 404 /)
      expect(received).toContain("/problems/not-found")
    }
  })
  test("an unknown SKU is sku-not-found", async () => {
    expect(await reserve({ sku_id: "no-such-sku", quantity: 1 })).toEqual(refused("sku-not-found", { decided: false }))
    expect(await api.ask("GET", "/v1/skus/no-such-sku")).toEqual(refused("sku-not-found"))
    expect(await api.ask("GET", "/v1/skus/no-such-sku/availability")).toEqual(refused("sku-not-found"))
    expect(await api.admin("POST", "/v1/admin/skus/no-such-sku/open")).toEqual(refused("sku-not-found"))
  })
  test("an unknown order is order-not-found", async () => {
    expect(await api.ask("GET", `/v1/orders/${crypto.randomUUID()}`, { user: "alice" })).toEqual(refused("order-not-found"))
  })
})

describe.concurrent("headers or query too large are headers-too-large", () => {
  test.for([8_193, 20_000])("headers of %i bytes", async (bytes) => {
    const answer = await reserve(good(), { headers: { "x-pad": "x".repeat(bytes) } })
    expect(answer).toEqual({
      ...refused("headers-too-large"),
      body: expect.objectContaining({ type: "/problems/headers-too-large" }),
    })
  })
  test("a query of 4 KB", async () => {
    const path = `/v1/reservations/${crypto.randomUUID()}?receipt=${"x".repeat(4_096)}`
    expect(await api.ask("GET", path, { user: "alice" })).toEqual(refused("headers-too-large"))
  })
  test("a query with what it should not have is validation-failed", async () => {
    for (const query of ["reciept=x", "receipt=x&receipt=y", "__proto__=x"]) {
      const answer = await api.ask("GET", `/v1/reservations/${crypto.randomUUID()}?${query}`, { user: "alice" })
      expect(answer).toEqual(refused("validation-failed"))
    }
  })
})

describe.concurrent("a slow client is request-timeout after ten seconds, and the connection is closed", () => {
  test.for([
    ["headers", "POST /v1/reservations HTTP/1.1\r\nhost: x\r\n"],
    ["body", "POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"],
  ])("whose %s are not complete", async ([, text = ""]) => {
    const received = await exchange(text)
    expect(received).toMatch(/^HTTP\/1.1 408 /)
    expect(received).toContain("/problems/request-timeout")
  })
})

test("nothing of all this came into the line", async () => {
  const admin = kafkaClient(inject("services").kafkaBrokers.split(","), "bad-input-test").admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topics.requests)
  await admin.disconnect()
  expect(offsets.map(({ high }) => high)).toEqual(offsets.map(() => "0"))
})
