import { afterEach, beforeEach, expect, test } from "vitest"
import { firstOffsetOfGeneration } from "../../../core/domain/log-generations.ts"
import { requestsLog } from "../../../core/runtime/requests-log.ts"

const names = ["REQUESTS_TOPIC", "REQUESTS_GENERATION"] as const
const before = names.map((name) => process.env[name])
const set = (values: readonly (string | undefined)[]) =>
  names.forEach((name, index) => {
    if (values[index] === undefined) delete process.env[name]
    else process.env[name] = values[index]
  })
beforeEach(() => set([]))
afterEach(() => set(before))

test("an environment that names nothing is in the first generation", () => {
  expect(requestsLog()).toMatchObject({
    topic: "reservation-requests",
    generation: 1,
    firstOffset: 0,
    topics: ["reservation-requests"],
  })
})

test("a later generation knows the topics before it and the first offset of each", () => {
  set(["orders-7-3", "3"])
  const log = requestsLog()
  expect(log).toMatchObject({ topic: "orders-7-3", generation: 3, topics: ["orders-7", "orders-7-2", "orders-7-3"] })
  expect(log.topics.map(log.firstOffsetOf)).toEqual([1, 2, 3].map(firstOffsetOfGeneration))
  expect(log.firstOffsetOf("reservation-events")).toBe(0)
})

test("a topic that is not the one of its generation ends the start", () => {
  set(["reservation-requests", "2"])
  expect(requestsLog).toThrow(/does not end in -2/)
})
