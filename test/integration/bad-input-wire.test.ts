import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"
import { type Answer, type Api, type Ask, givenApi, newKey, refused } from "./bad-input-api.ts"

let database: TestDatabase
let api: Api
let sku: string

beforeAll(async () => {
  database = await freshDatabase()
  const topics = await freshTopics({ databaseUrl: database.url })
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

describe.concurrent("a bad token is unauthorized", () => {
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

describe.concurrent("a method, a path or an id that does not exist", () => {
  test("another method is method-not-allowed, with Allow", async () => {
    const answer = await api.ask("PUT", "/v1/reservations")
    expect(answer).toEqual(refused("method-not-allowed"))
    expect(answer.headers.allow).toBe("POST")
    expect(await api.ask("POST", `/v1/skus/${sku}`)).toEqual(refused("method-not-allowed"))
  })
  test.for(["/v1", "/v2/skus", "/v1/reservations/", "/v1//skus", "/v1/skus/x/y", "/.env", "/v1/admin"])(
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
  test("a path that leaves its root is not-found", async () => {
    for (const path of ["/v1/skus/../../etc/passwd", "/v1/skus/%2e%2e/%2e%2e/etc/passwd", "/../v1/skus", "//v1/skus"]) {
      const received = await exchange(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      expect(received).toMatch(/^HTTP\/1.1 404 /)
      expect(received).toContain("/problems/not-found")
    }
  })
  // The firewall's rules name paths in their only form. No other spelling may reach a function's route.
  test.for([
    "/v1/%72eservations",
    "/v1/reservations%2F",
    "/v1/admin/../reservations",
    "/v1/admin/%2e%2e/reservations",
    "/v1/./reservations",
    "/v1/;/reservations",
    "/V1/reservations",
    "/v1/reservations/.",
    "/v1\\reservations",
  ])("a reservation by the path %s is not made", async (path) => {
    const authorization = `Bearer ${await api.token({ user: "alice" })}`
    const body = JSON.stringify(good())
    const head = [
      ...[`POST ${path} HTTP/1.1`, "host: x", "connection: close", `authorization: ${authorization}`],
      ...[`idempotency-key: ${newKey()}`, "content-type: application/json", `content-length: ${body.length}`],
    ]
    expect(await exchange(`${head.join("\r\n")}\r\n\r\n${body}`)).toMatch(/^HTTP\/1\.1 40[045] /)
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
  test("a query with an unknown or invalid parameter is validation-failed", async () => {
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
