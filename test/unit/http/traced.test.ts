import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { createHttpHandler, publicEndpoint } from "../../../core/adapters/http/handler.ts"
import { traced } from "../../../core/adapters/http/traced.ts"
import { recordSpansIn, type SpanSink } from "../../../core/adapters/tracing/spans.ts"
import { traceBudget } from "../../../core/adapters/tracing/trace-budget.ts"
import type { TraceContext } from "../../../core/adapters/tracing/trace-context.ts"
import { problem } from "../../../core/contracts/problems.ts"
import { call } from "./call.ts"

const write = vi.fn<SpanSink["write"]>()
beforeAll(() => recordSpansIn({ write }))
afterAll(() => recordSpansIn(undefined))

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

/** A handler with a budget of its own; its body shows which trace the work is a part of. */
function given(chosen: () => TraceContext | undefined = () => undefined) {
  write.mockClear()
  const handler = createHttpHandler(
    {
      "GET /v1/skus": publicEndpoint({}, async (request) => ({ status: 200, body: { passedOn: request.traceparent } })),
      "GET /v1/skus/{sku_id}": publicEndpoint({}, async () => {
        throw problem("sku-not-found")
      }),
    },
    { tokenVerifier: () => expect.fail("no endpoint needs a token"), tracing: [traced(chosen)] },
  )
  return (headers: Record<string, string> = {}, route = "GET /v1/skus") => call(handler, route, { headers })
}
const spans = () => write.mock.calls.map(([span]) => span)

test("a sampled exchange is the entry of its trace in this system, and its work is a part of it", async () => {
  const { body } = await given()({ traceparent })
  expect(spans()).toMatchObject([
    { trace_id: traceId, parent_id: "00f067aa0ba902b7", name: "GET /v1/skus", is_entry: true, attributes: { status: 200 } },
  ])
  expect(body.passedOn).toBe(`00-${traceId}-${spans()[0]?.span_id}-01`)
})

test("a refusal is a span with its status", async () => {
  await given()({ traceparent }, "GET /v1/skus/{sku_id}")
  expect(spans()).toMatchObject([{ name: "GET /v1/skus/{sku_id}", attributes: { status: 404 } }])
})

test.each([{}, { traceparent: traceparent.replace(/01$/, "00") }])("an exchange with headers %j has no span", async (headers) => {
  await given()(headers)
  expect(spans()).toEqual([])
})

test("a client cannot make a process trace everything: the answer says that its request is not traced", async () => {
  const ask = given()
  const answers = await Promise.all(Array.from({ length: traceBudget.maxTracesAtOnce + 5 }, () => ask({ traceparent })))
  expect(spans()).toHaveLength(traceBudget.maxTracesAtOnce)
  const flags = answers.map(({ headers }) => String(headers.traceparent).slice(-2))
  expect(flags.filter((flag) => flag === "00")).toHaveLength(5)
  expect(answers.at(-1)?.body.passedOn).toMatch(/-00$/)
})

test("an exchange that X-Ray chose has a span, and its work one while the budget lasts", async () => {
  const ask = given(() => ({ traceId, spanId: "53995c3f42cd8ad8", isSampled: true }))
  const answers = await Promise.all(Array.from({ length: traceBudget.maxTracesAtOnce + 5 }, () => ask()))
  expect(spans()).toHaveLength(traceBudget.maxTracesAtOnce + 5)
  expect(answers.filter(({ body }) => body.passedOn === undefined)).toHaveLength(5)
})
