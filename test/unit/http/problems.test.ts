import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { Kafka, logLevel } from "kafkajs"
import { Pool } from "pg"
import { beforeEach, describe, expect, test, vi } from "vitest"
import { type HttpHandler, publicEndpoint } from "../../../core/adapters/http/handler.ts"
import { redisClient } from "../../../core/adapters/redis/client.ts"
import { logger } from "../../../core/adapters/telemetry.ts"
import { type ProblemSlug, problem, problems } from "../../../core/contracts/problems.ts"
import { httpHandler } from "../../../core/runtime/http-handler.ts"
import { type Call, call } from "./call.ts"

let fate: () => Promise<unknown>
const handler: HttpHandler = httpHandler({
  "GET /v1/health": publicEndpoint({}, async () => ({ status: 200, body: await fate() })),
  "GET /v1/skus": publicEndpoint({}, async ({ correlationId, traceparent }) => ({
    status: 200,
    body: { correlationId, traceparent },
  })),
})
const ask = (request: Call = {}) => call(handler, "GET /v1/health", { rawPath: "/v1/health", ...request })
const failsWith = (error: unknown) => {
  fate = async () => {
    throw error
  }
  return ask()
}

const logged = vi.spyOn(logger, "error").mockImplementation(() => {})
const warned = vi.spyOn(logger, "warn").mockImplementation(() => {})
beforeEach(() => {
  logged.mockClear()
  warned.mockClear()
})

describe("a problem that was thrown is answered with its document", () => {
  test.each(Object.entries(problems))("%s", async (slug, { status, title }) => {
    expect(await failsWith(problem(slug as ProblemSlug))).toMatchObject({
      status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
      body: { type: `/problems/${slug}`, title, status, instance: "/v1/health" },
    })
    expect(logged).not.toHaveBeenCalled()
  })
  test("with its members, errors and headers, none of which can change its type", async () => {
    const answer = await failsWith(
      problem("sold-out", {
        detail: "Every unit is held or sold.",
        errors: [{ field: "quantity", message: "too many" }],
        headers: { "x-more": "1" },
        extensions: { decided: true, status: "REFUSED", type: "about:blank" },
      }),
    )
    expect(answer).toMatchObject({
      status: 409,
      headers: { "x-more": "1" },
      body: {
        type: "/problems/sold-out",
        status: 409,
        detail: "Every unit is held or sold.",
        decided: true,
        errors: [{ field: "quantity" }],
      },
    })
  })
})

describe("Retry-After is whole seconds, at least one", () => {
  test.each([
    [0, "1"],
    [0.2, "1"],
    [1.2, "2"],
    [59, "59"],
  ])("%d s is %s", async (retryAfterSeconds, expected) => {
    expect(await failsWith(problem("rate-limited", { retryAfterSeconds }))).toMatchObject({
      headers: { "retry-after": expected },
    })
  })
  test("also when no time is known", async () => {
    for (const slug of ["rate-limited", "temporarily-unavailable", "outcome-unknown", "sale-halted"] as const) {
      expect(await failsWith(problem(slug))).toMatchObject({ headers: { "retry-after": "1" } })
    }
  })
  test("and absent where waiting does not help", async () => {
    expect((await failsWith(problem("sold-out"))).headers).not.toHaveProperty("retry-after")
  })
})

describe("an unexpected error is internal-error, is logged, and shows the client nothing", () => {
  test.each([
    ["an error", new TypeError("Cannot read properties of undefined (reading 'secret')")],
    ["a text", "secret"],
    ["nothing", undefined],
  ])("%s", async (_case, error) => {
    const answer = await failsWith(error)
    expect(answer.status).toBe(500)
    expect(answer.body).toEqual({
      type: "/problems/internal-error",
      title: problems["internal-error"].title,
      status: 500,
      instance: "/v1/health",
    })
    expect(logged).toHaveBeenCalledWith(
      expect.any(String),
      expect.objectContaining({ error, correlation_id: answer.headers["x-correlation-id"] }),
    )
  })
})

describe("a dependency that does not answer is temporarily-unavailable", () => {
  const unavailable = { status: 503, body: { type: "/problems/temporarily-unavailable" }, headers: { "retry-after": "1" } }

  const outages = ["08006", "08P01", "53300", "57P01", "57014", "58030", "25006", "40P01"]
  const refusals = ["23502", "23505", "23514", "22003", "42P01", "42501", "FS003", "FS005", "P0001", "XX000"]
  test.each([...outages, ...refusals])("SQLSTATE %s, and never a 500", async (code) => {
    expect(await failsWith(Object.assign(new Error("x"), { code }))).toMatchObject(unavailable)
  })
  test.each(["EAI_AGAIN", "ENETUNREACH", "ECONNABORTED", "EHOSTUNREACH", "EMFILE"])("%s of the network", async (code) => {
    expect(await failsWith(Object.assign(new Error("x"), { code }))).toMatchObject(unavailable)
  })
  test("as the cause of another error", async () => {
    const cause = Object.assign(new Error("x"), { code: "ECONNREFUSED" })
    expect(await failsWith(new Error("could not read", { cause: new Error("pool", { cause }) }))).toMatchObject(unavailable)
    expect(logged).not.toHaveBeenCalled()
  })
  test("unless the causes form a circle", async () => {
    const error = new Error("x")
    error.cause = error
    expect(await failsWith(error)).toMatchObject({ status: 500 })
  })
  test("and a thousand of them in a second are one entry of the log", async () => {
    vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ["Date"] })
    for (let n = 0; n < 1_000; n += 1) await failsWith(Object.assign(new Error("x"), { code: "ECONNREFUSED" }))
    expect(warned).toHaveBeenCalledTimes(1)
    vi.setSystemTime(Date.now() + 1_000)
    await failsWith(Object.assign(new Error("x"), { code: "ECONNREFUSED" }))
    expect(warned).toHaveBeenCalledTimes(2)
    vi.useRealTimers()
  })

  describe("with the errors of the real clients", () => {
    /** A port on which no server listens, or one that accepts connections and never answers. */
    const silentPort = () =>
      new Promise<{ port: number; close: () => void }>((resolve) => {
        const server = createServer(() => {}).listen(0, "127.0.0.1", () => {
          resolve({ port: (server.address() as AddressInfo).port, close: () => server.close() })
        })
      })
    const closedPort = async () => {
      const { port, close } = await silentPort()
      close()
      return port
    }

    test("PostgreSQL refuses, or does not answer", async () => {
      const refuses = new Pool({ host: "127.0.0.1", port: await closedPort() })
      fate = () => refuses.query("SELECT 1")
      expect(await ask()).toMatchObject(unavailable)
      const { port, close } = await silentPort()
      const isSilent = new Pool({ host: "127.0.0.1", port, connectionTimeoutMillis: 50 })
      fate = () => isSilent.query("SELECT 1")
      expect(await ask()).toMatchObject(unavailable)
      close()
    })
    test("PostgreSQL's name does not resolve, or its network cannot be reached", async () => {
      const hosts = ["postgres.invalid", "2001:db8::1"]
      for (const host of hosts) {
        const pool = new Pool({ host, port: 5432, connectionTimeoutMillis: 1_000 })
        fate = () => pool.query("SELECT 1")
        expect(await ask(), host).toMatchObject(unavailable)
      }
      expect(logged).not.toHaveBeenCalled()
    })
    test("Redis refuses, or does not answer", async () => {
      const refuses = redisClient(`redis://127.0.0.1:${await closedPort()}`)
      fate = () => refuses.get("x")
      expect(await ask()).toMatchObject(unavailable)
      refuses.disconnect()
      const { port, close } = await silentPort()
      const isSilent = redisClient(`redis://127.0.0.1:${port}`)
      await new Promise((resolve) => isSilent.once("connect", resolve))
      fate = () => isSilent.get("x")
      expect(await ask()).toMatchObject(unavailable)
      isSilent.disconnect()
      close()
    })
    test("Kafka refuses", async () => {
      const kafka = new Kafka({ brokers: [`127.0.0.1:${await closedPort()}`], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
      fate = () => kafka.admin().connect()
      expect(await ask()).toMatchObject(unavailable)
    })
    test("an HTTP service refuses", async () => {
      const port = await closedPort()
      fate = () => fetch(`http://127.0.0.1:${port}`)
      expect(await ask()).toMatchObject(unavailable)
    })
  })
})

test("a request that would outlive its function's time is answered before that", async () => {
  fate = () => new Promise(() => {})
  expect(await ask({ timeLeftMs: 260 })).toMatchObject({ status: 503, body: { type: "/problems/temporarily-unavailable" } })
})

describe("every exchange has a correlation id", () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
  const named = async (headers: Record<string, string>) => {
    const { headers: answered, body } = await call(handler, "GET /v1/skus", { headers })
    expect(answered["x-correlation-id"]).toBe(body.correlationId)
    return { id: body.correlationId, traceparent: body.traceparent, passedOn: answered.traceparent }
  }

  test("the client's", async () => {
    expect(await named({ "x-correlation-id": "my-request/1", traceparent })).toMatchObject({
      id: "my-request/1",
      traceparent,
      passedOn: traceparent,
    })
  })
  test("or the trace id", async () => {
    expect(await named({ traceparent })).toMatchObject({ id: "4bf92f3577b34da6a3ce929d0e0e4736" })
  })
  test.each(["", "a b", "é", "x".repeat(129), "a\nb", "\u0000"])("but not %j, which is replaced by a new one", async (id) => {
    expect((await named({ "x-correlation-id": id })).id).toMatch(/^[0-9a-f-]{36}$/)
  })
  test.each([
    "",
    "x",
    `${traceparent}-x`,
    traceparent.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0".repeat(32)),
    traceparent.toUpperCase(),
    traceparent.replace("00-", "ff-"),
  ])("and traceparent %j is not passed on", async (broken) => {
    expect(await named({ traceparent: broken })).toMatchObject({ traceparent: undefined, passedOn: undefined })
  })
  test("on refusals as well", async () => {
    expect(await failsWith(problem("sold-out"))).toMatchObject({ headers: { "x-correlation-id": expect.any(String) } })
  })
})

describe("an endpoint that contradicts the routes table stops the function at its start", () => {
  test("an unknown route", () => {
    expect(() => httpHandler({ "GET /v1/nothing": publicEndpoint({}, async () => ({ status: 200 })) })).toThrow("routes table")
  })
  test("a public endpoint where a token is required", () => {
    expect(() => httpHandler({ "GET /v1/orders": publicEndpoint({}, async () => ({ status: 200 })) })).toThrow("shopper")
  })
  test("and a route that it does not serve is a fault of the system, not of the client", async () => {
    expect(await call(handler, "GET /v1/orders")).toMatchObject({ status: 500, body: { type: "/problems/internal-error" } })
  })
})
