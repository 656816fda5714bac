import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, test } from "vitest"
import { type Client, createClient } from "../../../loadtest/rehearsal/client.ts"

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A client of a server that answers with `listener`. */
async function clientOf(listener: RequestListener, connections?: number): Promise<Client> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const client = createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections)
  closers.push(
    () => client.close(),
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return client
}

test("a request arrives with its token, its key and its body", async () => {
  const { send } = await clientOf((request, response) => {
    const { authorization, "idempotency-key": key, "content-type": type } = request.headers
    request.on("data", (body) => response.end(JSON.stringify({ authorization, key, type, body: String(body), url: request.url })))
  })
  const reply = await send({ method: "POST", path: "/a?b=c", token: "t", idempotencyKey: "k-1", body: { sku: 1 } })
  expect(reply).toMatchObject({
    kind: "answer",
    status: 200,
    body: { authorization: "Bearer t", key: "k-1", type: "application/json", body: '{"sku":1}', url: "/a?b=c" },
  })
})

test("status, body and the headers that say where and when to ask again come back", async () => {
  const { send } = await clientOf((_request, response) => {
    response.writeHead(202, { location: "/v1/x", "retry-after": "3", "cache-control": "max-age=1" }).end("{}")
  })
  expect(await send({ method: "GET", path: "/" })).toEqual({
    kind: "answer",
    status: 202,
    body: {},
    location: "/v1/x",
    retryAfterSeconds: 3,
    cacheControl: "max-age=1",
  })
})

test("a body that is not JSON becomes undefined, and is no error", async () => {
  const { send } = await clientOf((_request, response) => response.end("<html>"))
  expect(await send({ method: "GET", path: "/" })).toEqual({ kind: "answer", status: 200, body: undefined })
})

test("a connection that is closed, or refused, is reported with its error code", async () => {
  const { send } = await clientOf((request) => request.socket.destroy())
  expect(await send({ method: "GET", path: "/" })).toEqual({ kind: "failed", error: "UND_ERR_SOCKET" })
  const nobody = createClient("http://127.0.0.1:1")
  closers.push(() => nobody.close())
  expect(await nobody.send({ method: "GET", path: "/" })).toEqual({ kind: "failed", error: "ECONNREFUSED" })
})

test("there are never more connections than allowed, and all requests are answered over them", async () => {
  const sockets = new Set<unknown>()
  const { send } = await clientOf((request, response) => {
    sockets.add(request.socket)
    response.end("{}")
  }, 3)
  const replies = await Promise.all(Array.from({ length: 60 }, () => send({ method: "GET", path: "/" })))
  expect(replies.every((reply) => reply.kind === "answer" && reply.status === 200)).toBe(true)
  expect(sockets.size).toBeLessThanOrEqual(3)
})
