import { once } from "node:events"
import { readFileSync } from "node:fs"
import { Agent, request as httpRequest } from "node:http"
import { connect, type Socket } from "node:net"
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from "aws-lambda"
import { afterEach, expect, test, vi } from "vitest"
import { type GatewayLimits, gatewayLimits } from "../../local/gateway/limits.ts"
import { createGateway, type Gateway } from "../../local/gateway/server.ts"
import { rawRequest } from "./raw-http.ts"

let gateway: Gateway
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await gateway.close()
})

/** A gateway whose one function answers at once. */
async function gatewayOf(answer: () => APIGatewayProxyResultV2, limits: Partial<GatewayLimits>): Promise<number> {
  const handler = async (_event: APIGatewayProxyEventV2) => answer()
  gateway = createGateway({ functions: new Map([["catalogue", { handler }]]), limits: { lingerMs: 200, ...limits } })
  return gateway.listen(0)
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  sockets.push(socket.on("error", () => {}))
  await once(socket, "connect")
  return socket
}

const get = "GET /v1/skus HTTP/1.1\r\nhost: shop\r\n\r\n"
const getOnce = Buffer.from("GET /v1/skus HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n")

/** The requests of a well-behaved client, one after another on one connection; how long each took. */
async function goodRequests(port: number, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const tookMs: number[] = []
  for (let asked = 0; asked < count; asked += 1) {
    const startedMs = performance.now()
    const request = httpRequest({ port, path: "/v1/skus", agent }).end()
    const [response] = await once(request, "response")
    await once(response.resume(), "end")
    expect(response.statusCode).toBe(200)
    tookMs.push(performance.now() - startedMs)
  }
  agent.destroy()
  return tookMs
}

/** How often the kernel had no room for a new connection, of any server of this machine. */
function listenOverflows(): number {
  const [names, values] = readFileSync("/proc/net/netstat", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("TcpExt:"))
  const index = names?.split(" ").indexOf("ListenOverflows") ?? -1
  return Number(values?.split(" ")[index])
}

const small = () => ({ statusCode: 200, body: "{}" })
const hostileClients = 2_000
/** Fewer than the kernel's accept queue holds. Beyond it a client counts as connected, and the server does not see it. */
const openedAtOnce = 200
const goodRequestMs = 1_000

test.each([
  ["say nothing", ""],
  ["never finish their headers (slow-loris)", "GET /v1/skus HTTP/1.1\r\nhost: sh"],
  ["never finish their body", "POST /v1/reservations HTTP/1.1\r\nhost: shop\r\ncontent-length: 100\r\n\r\n{"],
])("while thousands of connections %s, good requests are served; then they get 408 and are closed", async (_, said) => {
  const port = await gatewayOf(small, { slowClientMs: 2_000 })
  const hostile: Socket[] = []
  while (hostile.length < hostileClients)
    hostile.push(...(await Promise.all(Array.from({ length: openedAtOnce }, () => open(port)))))
  const firstWords = hostile.map(async (socket) => {
    socket.write(said)
    const [chunk] = await once(socket, "data")
    return String(chunk).slice(0, "HTTP/1.1 408".length)
  })
  const tookMs = await goodRequests(port, 50)
  expect(Math.max(...tookMs)).toBeLessThan(goodRequestMs)
  expect(new Set(await Promise.all(firstWords))).toEqual(new Set(["HTTP/1.1 408"]))
  await Promise.all(hostile.map((socket) => socket.closed || once(socket, "close")))
})

/** More than the kernel buffers for us. */
const largeBody = "x".repeat(16 * 1_024 * 1_024)

test("a client that never reads its response is disconnected, and the next client can connect", async () => {
  const port = await gatewayOf(() => ({ statusCode: 200, body: largeBody }), { unreadAnswerMs: 200, maxConnections: 1 })
  const stalled = await open(port)
  stalled.pause().write(get)
  const room = () => rawRequest(port, getOnce).catch(() => undefined)
  expect(await room()).toBeUndefined()
  await vi.waitFor(async () => expect(await room()).toMatchObject({ status: 200 }), { timeout: 5_000, interval: 50 })
})

test("a client that pipelines without reading responses is disconnected, while others are served", async () => {
  let answered = 0
  const port = await gatewayOf(() => {
    answered += 1
    return small()
  }, {})
  const pipelining = await open(port)
  pipelining.write(get.repeat(20_000))
  const good = 50
  expect(Math.max(...(await goodRequests(port, good)))).toBeLessThan(goodRequestMs)
  await (pipelining.closed || once(pipelining.resume(), "close"))
  expect(answered).toBeLessThanOrEqual(gatewayLimits.maxPipelinedRequests + good)
})

test("the gateway waits longer for a reader than for its slowest function, because a pipelined response waits for that", () => {
  expect(gatewayLimits.unreadAnswerMs).toBeGreaterThan(gatewayLimits.handlerTimeoutMs)
})

/** Opens connections before the gateway can accept one: both run in this process, and it does not wait in between. */
async function openTogether(port: number, count: number): Promise<number> {
  const before = listenOverflows()
  await Promise.all(Array.from({ length: count }, () => open(port)))
  return listenOverflows() - before
}

test("thousands of shoppers who connect in one moment wait for no second try", async () => {
  const port = await gatewayOf(small, {})
  expect(await openTogether(port, 2_000)).toBe(0)
})

test("more of them than the kernel's queue holds do", async () => {
  const port = await gatewayOf(small, { maxUnacceptedConnections: 8 })
  expect(await openTogether(port, 1_000)).toBeGreaterThan(0)
})
