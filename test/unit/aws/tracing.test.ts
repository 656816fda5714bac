import { createSocket } from "node:dgram"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { call } from "../http/call.ts"

const daemon = createSocket("udp4")
const traceId = "1-5759e988-bd862e3fe1be46a994272793"

beforeAll(async () => {
  await new Promise<void>((resolve) => daemon.bind(0, "127.0.0.1", resolve))
  Object.assign(process.env, {
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    LAMBDA_TASK_ROOT: process.cwd(),
    _X_AMZN_TRACE_ID: `Root=${traceId};Parent=53995c3f42cd8ad8;Sampled=1`,
  })
})
afterAll(() => daemon.close())

test("with an X-Ray daemon, an exchange has a trace with the id of its log lines, and a refusal is no error in it", async () => {
  const { publicEndpoint } = await import("../../../core/adapters/http/endpoint.ts")
  const { httpHandler } = await import("../../../core/runtime/http-handler.ts")
  const { problem } = await import("../../../core/contracts/problems.ts")
  const handler = httpHandler({
    "GET /v1/skus": publicEndpoint({}, async () => {
      throw problem("sku-not-found")
    }),
  })
  const segment = new Promise<string>((resolve) => daemon.once("message", (message) => resolve(message.toString())))
  await call(handler, "GET /v1/skus", { headers: { "x-correlation-id": "my-request" } })
  const [, sent = "{}"] = (await segment).split("\n")
  expect(JSON.parse(sent)).toMatchObject({
    trace_id: traceId,
    name: "GET /v1/skus",
    annotations: { correlation_id: "my-request", route: "GET /v1/skus" },
  })
  expect(JSON.parse(sent)).not.toHaveProperty("fault")
})

test("the first span of a request is a segment, and its parts are subsegments with annotations", async () => {
  const { createXRaySink } = await import("../../../core/adapters/tracing/xray-daemon.ts")
  const sink = createXRaySink(`127.0.0.1:${daemon.address().port}`, "batch-writer")
  const received: string[] = []
  daemon.on("message", (message) => received.push(message.toString()))
  const span = {
    ...{ trace_id: "5759e988bd862e3fe1be46a994272793", span_id: "1111111111111111", parent_id: "2222222222222222" },
    ...{ name: "decide (all)", start_ms: 1_500, end_ms: 2_500, attributes: { reservation_id: "r-1" } },
  }
  sink.write({ ...span, is_entry: true })
  sink.write({ ...span, is_entry: false })
  await vi.waitFor(() => expect(received).toHaveLength(2))
  const [entry, part] = received.map((message) => JSON.parse(message.split("\n")[1] ?? "{}"))
  expect(part).toEqual({
    ...{ trace_id: traceId, id: "1111111111111111", parent_id: "2222222222222222", type: "subsegment" },
    ...{ name: "decide  all ", start_time: 1.5, end_time: 2.5 },
    annotations: { part: "batch-writer", reservation_id: "r-1" },
  })
  expect(entry).not.toHaveProperty("type")
})
