import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { count, countWork, flushBeforeFreeze, flushMetrics, logger } from "../../core/adapters/telemetry.ts"
import { watchCall, watched } from "../../core/adapters/watched-call.ts"
import { createWorkStats } from "../../core/adapters/work-stats.ts"
import { parseEmbeddedMetrics } from "../../local/metrics/embedded-metrics.ts"

let lines: string[]
beforeEach(() => {
  vi.useFakeTimers({ now: Date.now() + 60_000 })
  flushMetrics()
  lines = []
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const sumOf = (name: string): number =>
  lines
    .flatMap((line) => parseEmbeddedMetrics(line) ?? [])
    .filter((one) => one.name === name)
    .flatMap(({ values }) => values)
    .reduce((sum, value) => sum + value, 0)
/** How many checkouts were counted, and how many of them as slow. */
const checkouts = () => {
  flushMetrics()
  return [sumOf("checkout.timed"), sumOf("checkout.slow")]
}

test("a call that hangs counts as slow when its limit passes, and once only when it returns", () => {
  const call = watchCall("checkout")
  vi.advanceTimersByTime(449)
  expect(checkouts()).toEqual([0, 0])
  vi.advanceTimersByTime(2)
  expect(checkouts()).toEqual([1, 1])
  call.ended()
  call.ended()
  expect(checkouts()).toEqual([1, 1])
})

test("one timer sees every call in time, for any moments at which they begin and end", () => {
  const hanging = [watchCall("checkout")]
  vi.advanceTimersByTime(200)
  const quick = watchCall("checkout")
  vi.advanceTimersByTime(100)
  hanging.push(watchCall("checkout"))
  quick.ended()
  vi.advanceTimersByTime(151)
  expect(checkouts()).toEqual([2, 1])
  vi.advanceTimersByTime(300)
  expect(checkouts()).toEqual([3, 2])
  expect(vi.getTimerCount()).toBe(0)
})

test("a quick refusal does not count, so that it hides no slow call; one that came late was slow", () => {
  watchCall("checkout").refused()
  expect(checkouts()).toEqual([0, 0])
  const late = watchCall("checkout")
  vi.advanceTimersByTime(500)
  late.refused()
  expect(checkouts()).toEqual([1, 1])
})

test("a call that fails has ended", async () => {
  await expect(watched("checkout", () => Promise.reject(new Error("declined")))).rejects.toThrow("declined")
  expect(checkouts()).toEqual([1, 0])
})

test("what is counted is written within five seconds, also when nothing more is counted", () => {
  count("payment.attempted")
  vi.advanceTimersByTime(5_000)
  expect(sumOf("payment.attempted")).toBe(1)
})

test("a process with few calls writes after each of them; a busy one once a second, and keeps less than a second", () => {
  vi.advanceTimersByTime(60_000)
  for (let call = 1; call <= 5; call += 1) {
    count("payment.attempted")
    flushBeforeFreeze()
    expect(sumOf("payment.attempted")).toBe(call)
  }
  for (let call = 0; call < 1_000; call += 1) {
    count("payment.attempted")
    flushBeforeFreeze()
    vi.advanceTimersByTime(1)
  }
  const written = lines.length
  expect(written).toBeLessThanOrEqual(7)
  vi.advanceTimersByTime(1_000)
  count("payment.attempted")
  flushBeforeFreeze()
  expect(sumOf("payment.attempted")).toBe(1_006)
})

test("a function has a line every ten seconds with what it processed, and none while it processes nothing", () => {
  vi.restoreAllMocks()
  const info = vi.spyOn(logger, "info").mockImplementation(() => {})
  countWork(30, 10)
  vi.advanceTimersByTime(5_000)
  countWork(60)
  flushMetrics()
  expect(info).not.toHaveBeenCalled()
  vi.advanceTimersByTime(5_000)
  flushMetrics()
  expect(info).toHaveBeenCalledExactlyOnceWith(expect.any(String), {
    function: expect.any(String),
    processed: 100,
    succeeded: 90,
    failed: 10,
    per_second: 10,
    success_rate_percent: 90,
  })
  vi.advanceTimersByTime(60_000)
  flushMetrics()
  expect(info).toHaveBeenCalledTimes(1)
})

test("the rate of a process that was frozen meanwhile is over the time in which it worked", () => {
  const stats = createWorkStats()
  stats.add("checkout", 50, 0, 0)
  stats.add("checkout", 50, 0, 20_000)
  expect(stats.due(600_000)).toEqual([expect.objectContaining({ processed: 100, per_second: 5 })])
  stats.add("checkout", 1, 0, 600_000)
  stats.discard()
  expect(stats.due(700_000)).toEqual([])
})
