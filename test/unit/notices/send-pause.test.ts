import { beforeEach, expect, test } from "vitest"
import { createSendPause, type SendPause } from "../../../lambdas/notifier/send-pause.ts"

const limits = { firstMs: 1_000, maxAfterNotSentMs: 30_000, maxAfterUnknownMs: 300_000 }
let nowMs: number
let pause: SendPause
beforeEach(() => {
  nowMs = 0
  pause = createSendPause(limits, () => nowMs)
})

const failOnce = (how: "not-sent" | "unknown") => {
  expect(pause.begin()).toBe(true)
  pause.end(how)
}

test("sends run at the same time until one fails", () => {
  expect([pause.begin(), pause.begin(), pause.begin()]).toEqual([true, true, true])
  pause.end("answered")
  pause.end("unknown")
  expect(pause.begin()).toBe(false)
  expect(pause.leftMs()).toBeGreaterThan(0)
})

test("sends that were in flight make the pause no longer", () => {
  for (let n = 0; n < 8; n += 1) expect(pause.begin()).toBe(true)
  for (let n = 0; n < 8; n += 1) pause.end("not-sent")
  expect(pause.leftMs()).toBeLessThanOrEqual(limits.firstMs)
})

test("after a pause one send alone tries; the provider's answer lets the others begin", () => {
  failOnce("unknown")
  nowMs += limits.firstMs
  expect([pause.begin(), pause.begin()]).toEqual([true, false])
  pause.end("answered")
  expect([pause.begin(), pause.begin()]).toEqual([true, true])
})

test("a send that finds its notice dealt with says nothing about the provider", () => {
  failOnce("not-sent")
  nowMs += limits.firstMs
  expect(pause.begin()).toBe(true)
  pause.end(undefined)
  expect([pause.begin(), pause.begin()]).toEqual([true, false])
})

test.each([
  ["not-sent", limits.maxAfterNotSentMs],
  ["unknown", limits.maxAfterUnknownMs],
] as const)("pauses after %s grow to their limit, so that an hour of it costs few tries", (how, maxMs) => {
  let tries = 0
  for (; nowMs < 3_600_000; tries += 1) {
    failOnce(how)
    expect(pause.leftMs()).toBeLessThanOrEqual(maxMs)
    nowMs += pause.leftMs()
  }
  expect(tries).toBeLessThan(2 * (3_600_000 / maxMs) + 15)
})
