import type { Context } from "aws-lambda"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createSchedule, type ScheduledEvent, scheduledEvent } from "../../../local/scheduler/schedule.ts"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const scheduleOf = (handler: (event: ScheduledEvent, context: Context) => Promise<unknown>) =>
  createSchedule({ functionName: "expiry-sweeper", handler, periodMs: 60_000, timeoutMs: 130_000 })

test("the event is an EventBridge scheduled event", () => {
  expect(scheduledEvent("expiry-sweeper", new Date("2026-11-27T09:00:00.123Z"))).toEqual({
    version: "0",
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: "000000000000",
    time: "2026-11-27T09:00:00Z",
    region: "local",
    resources: ["arn:aws:events:local:000000000000:rule/expiry-sweeper"],
    detail: {},
  })
})

test("it invokes at once and every minute, also while an earlier invocation runs", () => {
  const handler = vi.fn(() => new Promise(() => {}))
  scheduleOf(handler).start()
  expect(handler).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(120_000)
  expect(handler).toHaveBeenCalledTimes(3)
})

test("the next invocation runs after one that failed", async () => {
  const handler = vi.fn(() => Promise.reject(new Error("database away")))
  scheduleOf(handler).start()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(handler).toHaveBeenCalledTimes(2)
})

test("a stop shows the invocation that its time is over, waits for it and starts no other", async () => {
  const finish = Promise.withResolvers<void>()
  const contexts: Context[] = []
  const handler = vi.fn(async (_event: ScheduledEvent, context: Context) => {
    contexts.push(context)
    await finish.promise
  })
  const schedule = scheduleOf(handler)
  schedule.start()
  expect(contexts[0]?.getRemainingTimeInMillis()).toBeGreaterThan(100_000)
  const ended = vi.fn()
  const stopped = schedule.stop().then(ended)
  expect(contexts[0]?.getRemainingTimeInMillis()).toBe(0)
  await vi.advanceTimersByTimeAsync(300_000)
  expect(ended).not.toHaveBeenCalled()
  finish.resolve()
  await stopped
  expect(handler).toHaveBeenCalledTimes(1)
})
