import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { createSpanFile, spanFileLimits } from "../../../core/adapters/tracing/span-file.ts"
import { recordSpansIn, type SpanSink, span, wallClockMs } from "../../../core/adapters/tracing/spans.ts"
import { createTraceBudget, traceBudget } from "../../../core/adapters/tracing/trace-budget.ts"
import { fromXRay, isSampled, readTraceparent, traceparentOf, xrayTraceId } from "../../../core/adapters/tracing/trace-context.ts"

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const sampled = `00-${traceId}-00f067aa0ba902b7-01`
const unsampled = `00-${traceId}-00f067aa0ba902b7-00`

describe("the context of a trace", () => {
  test("is read from a valid traceparent, and written again", () => {
    expect(readTraceparent(sampled)).toEqual({ traceId, spanId: "00f067aa0ba902b7", isSampled: true })
    expect([sampled, unsampled].map((text) => traceparentOf(readTraceparent(text) ?? expect.fail()))).toEqual([
      sampled,
      unsampled,
    ])
  })
  test.each(["", `${sampled}-x`, sampled.toUpperCase(), `00-${"0".repeat(32)}-00f067aa0ba902b7-01`])(
    "is not read from %j",
    (broken) => {
      expect(readTraceparent(broken)).toBeUndefined()
      expect(isSampled(broken)).toBe(false)
    },
  )
  test("has a name in X-Ray, and comes from X-Ray's header when X-Ray records the trace", () => {
    const Root = "1-5759e988-bd862e3fe1be46a994272793"
    const context = fromXRay({ Root, Parent: "53995c3f42cd8ad8", Sampled: "1" })
    expect(context && xrayTraceId(context.traceId)).toBe(Root)
    expect(fromXRay({ Root, Parent: "53995c3f42cd8ad8", Sampled: "0" })).toBeUndefined()
    expect(fromXRay({ Root, Sampled: "1" })).toBeUndefined()
  })
})

describe("a span", () => {
  const write = vi.fn<SpanSink["write"]>()
  beforeEach(() => recordSpansIn({ write: write.mockClear() }))
  afterEach(() => recordSpansIn(undefined))

  test("of a sampled request goes to the sink, as a part of the span that its traceparent names", () => {
    span(sampled, "decide", 1, 2, { offset: 7 })
    expect(write.mock.calls).toEqual([
      [
        {
          ...{ trace_id: traceId, parent_id: "00f067aa0ba902b7", span_id: expect.stringMatching(/^[0-9a-f]{16}$/) },
          ...{ name: "decide", is_entry: false, start_ms: 1, end_ms: 2, attributes: { offset: 7 } },
        },
      ],
    ])
  })
  test.each([undefined, unsampled, "broken"])("of a request with traceparent %j costs no call of the sink", (traceparent) => {
    for (let request = 0; request < 10_000; request += 1) span(traceparent, "decide", 1, 2)
    expect(write).not.toHaveBeenCalled()
  })
  test("has the time of the wall clock, also after a step of that clock", () => {
    const now = vi.spyOn(Date, "now").mockReturnValue(5_000_000)
    expect(wallClockMs()).toBeCloseTo(5_000_000, -1)
    now.mockReturnValue(9_000_000)
    expect(wallClockMs()).toBeCloseTo(9_000_000, -1)
    now.mockRestore()
  })
})

test("a process traces a bounded number of requests at once and a second", () => {
  const { maxTracesAtOnce, maxTracesPerSecond } = traceBudget
  const takeOne = createTraceBudget()
  const taken = (nowMs: number) => Array.from({ length: 1_000 }, () => takeOne(nowMs)).filter(Boolean).length
  expect(taken(1_000_000)).toBe(maxTracesAtOnce)
  expect(taken(1_000_000)).toBe(0)
  expect(taken(1_003_000)).toBe(3 * maxTracesPerSecond)
  expect(taken(9_000_000)).toBe(maxTracesAtOnce)
})

describe("a file of spans", () => {
  let folder: string
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "spans-")), "traces")
  })
  afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }))

  const one = { trace_id: traceId, span_id: "a", parent_id: "b", name: "decide", is_entry: false, start_ms: 1, end_ms: 2 }
  const lines = (name: string) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n")
  const written = (name: string, count: number) => vi.waitFor(() => expect(lines(name)).toHaveLength(count))

  test("gets the spans together, and is not made before the first span", async () => {
    const file = createSpanFile(folder, "writer", { ...spanFileLimits, flushAfterMs: 1 })
    expect(() => readdirSync(folder)).toThrow("ENOENT")
    for (let offset = 0; offset < 3; offset += 1) file.write({ ...one, attributes: { offset } })
    await written("writer.ndjson", 3)
    expect(lines("writer.ndjson").map((line) => JSON.parse(line))).toMatchObject(
      [0, 1, 2].map((offset) => ({ part: "writer", attributes: { offset } })),
    )
  })
  test("becomes the older one when it is long, and never takes more than two files", async () => {
    const file = createSpanFile(folder, "writer", { ...spanFileLimits, flushAfterMs: 1, maxFileBytes: 1 })
    for (let offset = 0; offset < 3; offset += 1) {
      file.write({ ...one, attributes: { offset } })
      await vi.waitFor(() => expect(lines("writer.ndjson").at(-1)).toContain(`"offset":${offset}`))
    }
    expect(readdirSync(folder).sort()).toEqual(["writer.ndjson", "writer.older.ndjson"])
    expect(lines("writer.older.ndjson")).toHaveLength(1)
  })
  test("discards spans beyond those that wait", async () => {
    const file = createSpanFile(folder, "writer", { ...spanFileLimits, flushAfterMs: 1, maxWaitingSpans: 2 })
    for (let offset = 0; offset < 5; offset += 1) file.write({ ...one, attributes: { offset } })
    await written("writer.ndjson", 2)
  })
})
