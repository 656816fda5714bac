import RequestQueue from "kafkajs/src/network/requestQueue/index.js"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { letIdleConnectionsRest } from "../../../core/adapters/kafka/idle-connections.ts"

letIdleConnectionsRest()

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const logger = { debug: () => {}, warn: () => {} }

function givenConnection({ maxInFlightRequests = 10, requestTimeout = 2_000 } = {}) {
  const queue = new RequestQueue({ maxInFlightRequests, requestTimeout, enforceRequestTimeout: true, logger })
  queue.scheduleRequestTimeoutCheck()
  const outcomes: string[] = []
  const sent: number[] = []
  return {
    ...{ queue, outcomes, sent },
    send: (correlationId: number, customMs?: number) =>
      queue.push({
        entry: {
          correlationId,
          resolve: () => outcomes.push(`${correlationId} answered`),
          reject: (error) => outcomes.push(`${correlationId} ${error.name}`),
        },
        expectResponse: true,
        sendRequest: () => sent.push(correlationId),
        ...(customMs !== undefined && { requestTimeout: customMs }),
      }),
    answer: (correlationId: number) => queue.fulfillRequest({ correlationId, size: 0, payload: null }),
  }
}

test("a connection whose requests are answered sets no timer that repeats", () => {
  const { send, answer, outcomes } = givenConnection()
  for (const id of [1, 2, 3]) {
    send(id)
    answer(id)
  }
  expect(outcomes).toEqual(["1 answered", "2 answered", "3 answered"])
  vi.advanceTimersByTime(2_001)
  expect(vi.getTimerCount()).toBe(0)
})

test("a request without an answer ends after its own time, also behind one that may take longer", () => {
  const { send, outcomes } = givenConnection()
  send(1, 60_000)
  vi.advanceTimersByTime(500)
  send(2)
  vi.advanceTimersByTime(2_000)
  expect(outcomes).toEqual([])
  vi.advanceTimersByTime(1)
  expect(outcomes).toEqual(["2 KafkaJSRequestTimeoutError"])
  vi.advanceTimersByTime(57_499)
  expect(outcomes).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(outcomes).toEqual(["2 KafkaJSRequestTimeoutError", "1 KafkaJSRequestTimeoutError"])
  expect(vi.getTimerCount()).toBe(0)
})

test("a request that had to wait is sent when the broker's pause ends, or when there is room", () => {
  const { queue, send, answer, sent } = givenConnection({ maxInFlightRequests: 1 })
  queue.maybeThrottle(300)
  send(1)
  send(2)
  vi.advanceTimersByTime(299)
  expect(sent).toEqual([])
  vi.advanceTimersByTime(1 + 10)
  expect(sent).toEqual([1])
  answer(1)
  expect(sent).toEqual([1, 2])
})
