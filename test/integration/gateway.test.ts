import { once } from "node:events"
import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from "aws-lambda"
import { afterEach, describe, expect, test } from "vitest"
import type { ApiFunctions } from "../../local/gateway/handlers.ts"
import type { GatewayLimits } from "../../local/gateway/limits.ts"
import { createGateway, type Gateway } from "../../local/gateway/server.ts"

type Answer = (event: APIGatewayProxyEventV2) => APIGatewayProxyResultV2 | Promise<APIGatewayProxyResultV2>

const open: Gateway[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

/** A gateway whose every function is `answer`; by default a function that returns the event it was given. */
async function gatewayOf(
  answer: Answer = (event) => ({ statusCode: 200, body: JSON.stringify(event) }),
  limits: Partial<GatewayLimits> = {},
) {
  const only = { handler: async (event: APIGatewayProxyEventV2) => answer(event) }
  const functions: ApiFunctions = new Map(["catalogue", "reserve", "reserve-batch", "not-found"].map((name) => [name, only]))
  const gateway = createGateway({ functions, limits: { lingerMs: 200, ...limits } })
  open.push(gateway)
  return { gateway, port: await gateway.listen(0) }
}

/** Writes bytes to a bare connection and returns all that comes back until the server closes it. */
function exchange(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      for (const part of parts) socket.write(part)
    })
    let received = ""
    socket.setEncoding("utf8").on("data", (text) => {
      received += text
    })
    socket.on("end", () => socket.end()).on("close", () => resolve(received))
    socket.on("error", (error) => (received === "" ? reject(error) : undefined))
  })
}

const close = "connection: close\r\n"
const host = "host: shop\r\n"

/** Status, headers and JSON body of one raw answer. */
function parse(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n")
  const [statusLine = "", ...lines] = head.split("\r\n")
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
  )
  return { status: Number(statusLine.split(" ")[1]), headers, document: JSON.parse(body) }
}

const problem = (slug: string, status: number) => ({
  status,
  headers: expect.objectContaining({
    "content-type": "application/problem+json",
    "x-correlation-id": expect.stringMatching(/./),
  }),
  document: expect.objectContaining({ type: `/problems/${slug}`, status }),
})
const closes = { headers: expect.objectContaining({ connection: "close" }) }

describe("the event of the function", () => {
  test("the path is passed on as it was sent, and a request without a route goes to the default function", async () => {
    const { port } = await gatewayOf()
    for (const path of [
      "/v1/skus/../../etc/passwd",
      "/v1/skus/../skus",
      "//v1/skus",
      "/v1/%2e%2e/skus",
      "/v1/skus/",
      "/v1/skus;x=1",
    ]) {
      const { document } = parse(await exchange(port, `GET ${path}?a=1 HTTP/1.1\r\n${host}${close}\r\n`))
      expect(document).toMatchObject({ rawPath: path, routeKey: "$default" })
    }
  })

  test("a header sent twice is joined by a comma: a key sent twice is no valid key", async () => {
    const { port } = await gatewayOf()
    const twice = "Idempotency-Key: first-key\r\nIDEMPOTENCY-KEY: second-key\r\n"
    const { document } = parse(
      await exchange(port, `POST /v1/reservations HTTP/1.1\r\n${host}${twice}content-length: 0\r\n${close}\r\n`),
    )
    expect(document).toMatchObject({ routeKey: "POST /v1/reservations", headers: { "idempotency-key": "first-key,second-key" } })
  })

  test("a method without a route goes to the default function, HEAD without a body in the answer", async () => {
    const { port } = await gatewayOf(() => ({ statusCode: 405, headers: { allow: "GET" }, body: "{}" }))
    expect(await exchange(port, `OPTIONS /v1/skus HTTP/1.1\r\n${host}${close}\r\n`)).toMatch(
      /^HTTP\/1.1 405 [\s\S]*\r\n\r\n\{\}$/,
    )
    expect(await exchange(port, `HEAD /v1/skus HTTP/1.1\r\n${host}${close}\r\n`)).toMatch(/^HTTP\/1.1 405 [\s\S]*\r\n\r\n$/)
  })

  test("bytes that are not UTF-8 arrive unchanged", async () => {
    const { port } = await gatewayOf()
    const body = Buffer.from([0x7b, 0xff, 0xfe, 0x7d])
    const { document } = parse(
      await exchange(port, `POST /v1/reservations HTTP/1.1\r\n${host}content-length: 4\r\n${close}\r\n`, body),
    )
    expect(document).toMatchObject({ isBase64Encoded: true, body: body.toString("base64") })
  })
})

describe("bad HTTP gets a problem document and never reaches a function", () => {
  const never = () => {
    throw new Error("the function must not be called")
  }

  test("headers that do not arrive in time: 408, connection closed", async () => {
    const { port } = await gatewayOf(never, { slowClientMs: 200 })
    const answer = parse(await exchange(port, "GET /v1/skus HTTP/1.1\r\nhost: sh"))
    expect(answer).toMatchObject({ ...problem("request-timeout", 408) })
    expect(answer).toMatchObject(closes)
  })

  test("a body that does not arrive in time: 408, connection closed", async () => {
    const { port } = await gatewayOf(never, { slowClientMs: 200 })
    const answer = parse(await exchange(port, `POST /v1/reservations HTTP/1.1\r\n${host}content-length: 100\r\n\r\n{`))
    expect(answer).toMatchObject(problem("request-timeout", 408))
    expect(answer).toMatchObject(closes)
  })

  test("a connection that never says anything: 408, connection closed", async () => {
    const { port } = await gatewayOf(never, { slowClientMs: 200 })
    expect(parse(await exchange(port))).toMatchObject(problem("request-timeout", 408))
  })

  test.each([
    ["a header", `GET /v1/skus HTTP/1.1\r\n${host}x-long: ${"a".repeat(11_000)}\r\n\r\n`],
    ["the query", `GET /v1/skus?q=${"a".repeat(11_000)} HTTP/1.1\r\n${host}\r\n`],
    ["a header far", `GET /v1/skus HTTP/1.1\r\n${host}x-long: ${"a".repeat(2_000_000)}\r\n\r\n`],
  ])("%s too large: 431", async (_name, request) => {
    const { port } = await gatewayOf(never)
    expect(parse(await exchange(port, request))).toMatchObject(problem("headers-too-large", 431))
  })

  test("a declared length above the cap: 413, connection closed, the client can read it although it continues to send", async () => {
    const { port } = await gatewayOf(never)
    const head = `POST /v1/reservations/batch HTTP/1.1\r\n${host}content-length: 1000000\r\n\r\n`
    const answer = parse(await exchange(port, head, Buffer.alloc(1_000_000, 0x20)))
    expect(answer).toMatchObject(problem("payload-too-large", 413))
    expect(answer).toMatchObject(closes)
  })

  test("chunks that add up to more than the cap: 413", async () => {
    const { port } = await gatewayOf(never)
    const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`
    const head = `POST /v1/reservations/batch HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\n`
    const answer = parse(await exchange(port, head, ...Array(12).fill(chunk), "0\r\n\r\n"))
    expect(answer).toMatchObject(problem("payload-too-large", 413))
  })

  test.each([
    ["not HTTP", "hello\r\n\r\n"],
    ["an unknown method", `GRAB /v1/skus HTTP/1.1\r\n${host}\r\n`],
    ["no Host", `GET /v1/skus HTTP/1.1\r\n${close}\r\n`],
    ["two lengths", `POST /v1/reservations HTTP/1.1\r\n${host}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`],
    [
      "length and chunks (smuggling)",
      `POST /v1/reservations HTTP/1.1\r\n${host}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["a tunnel", `CONNECT shop:443 HTTP/1.1\r\n${host}\r\n`],
  ])("%s: 400", async (_name, request) => {
    const { port } = await gatewayOf(never)
    const answer = parse(await exchange(port, request))
    expect(answer).toMatchObject({
      status: 400,
      headers: { "content-type": "application/problem+json" },
      document: { status: 400 },
    })
    expect(answer.headers).toHaveProperty("x-correlation-id")
  })
})

describe("failures and limits of the functions", () => {
  const get = `GET /v1/skus HTTP/1.1\r\n${host}x-correlation-id: mine\r\n${close}\r\n`

  test("a function that throws is a 500 without a trace of the error", async () => {
    const { port } = await gatewayOf(() => {
      throw new Error("secret at /srv/app.ts:1")
    })
    const answer = await exchange(port, get)
    expect(parse(answer)).toMatchObject({ ...problem("internal-error", 500), headers: { "x-correlation-id": "mine" } })
    expect(answer).not.toMatch(/secret|app\.ts/)
  })

  test("a function that does not end in time is a 503", async () => {
    const { port } = await gatewayOf(() => new Promise(() => {}), { handlerTimeoutMs: 50 })
    expect(parse(await exchange(port, get))).toMatchObject(problem("outcome-unknown", 503))
  })

  test("requests beyond the limit of concurrent ones are 503 with Retry-After, and later ones succeed", async () => {
    const arrived = Promise.withResolvers<void>()
    const release = Promise.withResolvers<APIGatewayProxyResultV2>()
    const { port } = await gatewayOf(
      () => {
        arrived.resolve()
        return release.promise
      },
      { maxConcurrentRequests: 1 },
    )
    const first = exchange(port, get)
    await arrived.promise
    const second = parse(await exchange(port, get))
    expect(second).toMatchObject(problem("temporarily-unavailable", 503))
    expect(second.headers).toHaveProperty("retry-after", "1")
    release.resolve({ statusCode: 200, body: "{}" })
    expect(parse(await first).status).toBe(200)
    expect(parse(await exchange(port, get)).status).toBe(200)
  })

  test("bodies of all requests together stay within their memory limit", async () => {
    const { port } = await gatewayOf(undefined, { maxBufferedBytes: 1_000 })
    const post = (bytes: number) =>
      exchange(
        port,
        `POST /v1/reservations HTTP/1.1\r\n${host}content-length: ${bytes}\r\n${close}\r\n`,
        Buffer.alloc(bytes, 0x20),
      )
    expect(parse(await post(2_000)).status).toBe(503)
    expect(parse(await post(900)).status).toBe(200)
    expect(parse(await post(900)).status).toBe(200)
  })
})

describe("connections", () => {
  test("beyond the limit are closed without an answer, and later ones succeed", async () => {
    const { port } = await gatewayOf(() => ({ statusCode: 200, body: "{}" }), { maxConnections: 1 })
    const first = connect(port, "127.0.0.1")
    await once(first, "connect")
    first.write(`GET /v1/skus HTTP/1.1\r\n${host}\r\n`)
    await once(first, "data")
    expect(await exchange(port)).toBe("")
    first.end()
    await once(first, "close")
    expect(parse(await exchange(port, `GET /v1/skus HTTP/1.1\r\n${host}${close}\r\n`)).status).toBe(200)
  })

  test("one connection carries many requests, in order", async () => {
    const { port } = await gatewayOf((event) => ({ statusCode: 200, body: event.rawQueryString }))
    const get = (n: number, more = "") => `GET /v1/skus?n=${n} HTTP/1.1\r\n${host}${more}\r\n`
    const answers = await exchange(port, get(1), get(2), get(3, close))
    expect(answers.match(/n=\d/g)).toEqual(["n=1", "n=2", "n=3"])
  })

  test("cookies of a result become Set-Cookie headers, base64 becomes bytes, 204 has no body", async () => {
    const { port } = await gatewayOf((event) =>
      event.rawQueryString === "empty"
        ? { statusCode: 204 }
        : { statusCode: 201, cookies: ["a=1", "b=2"], headers: { "X-Count": 3 }, body: "aGk=", isBase64Encoded: true },
    )
    const answer = await exchange(port, `GET /v1/skus HTTP/1.1\r\n${host}${close}\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 201 [\s\S]*x-count: 3\r\n[\s\S]*hi$/)
    expect(answer.match(/set-cookie: .*/g)).toEqual(["set-cookie: a=1", "set-cookie: b=2"])
    expect(await exchange(port, `GET /v1/skus?empty HTTP/1.1\r\n${host}${close}\r\n`)).toMatch(/^HTTP\/1.1 204 [\s\S]*\r\n\r\n$/)
  })

  test("a gateway that closes lets requests in flight end, accepts no new ones, and keeps no idle connection", async () => {
    const arrived = Promise.withResolvers<void>()
    const release = Promise.withResolvers<APIGatewayProxyResultV2>()
    const { gateway, port } = await gatewayOf((event) => {
      if (event.rawQueryString === "quick") return { statusCode: 200 }
      arrived.resolve()
      return release.promise
    })
    const idle = exchange(port, `GET /v1/skus?quick HTTP/1.1\r\n${host}\r\n`)
    const unused = exchange(port)
    const unfinished = exchange(port, "GET /v1/skus HTTP/1.1\r\n")
    const inFlight = exchange(port, `GET /v1/skus HTTP/1.1\r\n${host}\r\n`)
    await arrived.promise
    // One turn of the event loop accepts one connection of each listening socket. A connection that is not accepted is reset.
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    const closed = gateway.close()
    await expect(exchange(port, `GET /v1/skus HTTP/1.1\r\n${host}\r\n`)).rejects.toThrow("ECONNREFUSED")
    release.resolve({ statusCode: 200, body: "done" })
    await closed
    expect([await unused, await unfinished]).toEqual(["", ""])
    expect(await idle).toMatch(/^HTTP\/1.1 200 /)
    expect(await inFlight).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close[\s\S]*done$/i)
  })

  test("Expect: 100-continue is answered: curl sends its body only then", async () => {
    const { port } = await gatewayOf((event) => ({ statusCode: 200, body: event.body ?? "" }))
    const body = await new Promise<string>((resolve) => {
      const request = httpRequest({ port, method: "POST", path: "/v1/reservations", headers: { expect: "100-continue" } })
      request.on("continue", () => request.end("late body"))
      request.on("response", (response) => response.setEncoding("utf8").on("data", resolve))
      request.flushHeaders()
    })
    expect(body).toBe("late body")
  })
})

describe("the port", () => {
  const gatewayOn = (sharesPort: boolean) => createGateway({ functions: new Map(), sharesPort })

  test("is shared by gateways that set the option", async () => {
    const [one, other] = [gatewayOn(true), gatewayOn(true)]
    const port = await one.listen(0)
    expect(await other.listen(port)).toBe(port)
    await Promise.all([one.close(), other.close()])
  })

  test("is exclusive otherwise", async () => {
    const one = gatewayOn(false)
    const port = await one.listen(0)
    await expect(gatewayOn(false).listen(port)).rejects.toThrow("EADDRINUSE")
    await one.close()
  })
})
