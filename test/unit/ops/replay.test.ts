import { describe, expect, test } from "vitest"
import { groupNames } from "../../../core/contracts/consumer-groups.ts"
import type { Span } from "../../../core/contracts/spans.ts"
import { lagIn, offsetIn } from "../../../core/domain/replay.ts"
import { replayRuleOf } from "../../../core/workflows/streams/replay-rules.ts"
import { target } from "../../../ops/replay-command.ts"
import { traceTable } from "../../../ops/trace-command.ts"

test.each(groupNames())("there is a rule for the replay of %s", (group) => {
  expect(replayRuleOf(group).effect).not.toBe("unknown")
})

describe("the place to read from", () => {
  test.each([
    ["earliest", { kind: "earliest" }],
    ["latest", { kind: "latest" }],
    ["watermark", { kind: "watermark" }],
    ["offset:7", { kind: "offset", offset: 7 }],
    ["offset 7", { kind: "offset", offset: 7 }],
    ["time:2026-12-24T10:00:00Z", { kind: "time", at: "2026-12-24T10:00:00.000Z" }],
    ["time 2026-12-24T10:00:00+01:00", { kind: "time", at: "2026-12-24T09:00:00.000Z" }],
  ])("%j is understood", (text, place) => {
    expect(target(text)).toEqual(place)
  })
  test.each(["", "first", "offset:", "offset:-1", "offset:1.5", "time:", "time:soon", "7"])("%j is refused", (text) => {
    expect(() => target(text)).toThrow("It must be earliest")
  })
})

describe("a partition with the offsets 5 to 20", () => {
  const range = (committed?: number) => ({ partition: 0, begin: 5, end: 20, committed })
  test.each([
    [{ kind: "earliest" }, 5],
    [{ kind: "latest" }, 20],
    [{ kind: "offset", offset: 5 }, 5],
    [{ kind: "offset", offset: 20 }, 20],
    [{ kind: "time", offsets: new Map([[0, 3]]) }, 5],
    [{ kind: "time", offsets: new Map() }, 20],
  ] as const)("is read from %j at offset %i", (from, offset) => {
    expect(offsetIn(range(), from)).toBe(offset)
  })
  test.each([4, 21])("cannot be read from offset %i", (offset) => {
    expect(offsetIn(range(), { kind: "offset", offset })).toEqual({ kind: "out-of-range", partition: 0, begin: 5, end: 20 })
  })
  test.each([
    [undefined, 15],
    [3, 15],
    [8, 12],
    [20, 0],
    [25, 0],
  ])("and committed offset %s has a lag of %i", (committed, lag) => {
    expect(lagIn(range(committed))).toBe(lag)
  })
})

test("a trace is printed with each span below what it is a part of, also when a client's span is not known", () => {
  const span = (span_id: string, parent_id: string, start_ms: number, part: string): Span => ({
    ...{ trace_id: "t", span_id, parent_id, part, name: `work ${span_id}`, is_entry: parent_id === "client" },
    ...{ start_ms, end_ms: start_ms + 2, attributes: { reservation_id: "r", offset: 3 } },
  })
  const spans = [span("c", "b", 1_008, "writer"), span("a", "client", 1_000, "gateway"), span("b", "a", 1_004, "gateway")]
  expect(traceTable(spans).split("\n")).toEqual([
    "trace t",
    "  start    took  part     span",
    "+0.0 ms  2.0 ms  gateway  work a      offset=3",
    "+4.0 ms  2.0 ms  gateway    work b    offset=3",
    "+8.0 ms  2.0 ms  writer       work c  offset=3",
  ])
})
