import { expect, test } from "vitest"
import type { Reply } from "../../../loadtest/rehearsal/client.ts"
import { createEdge, pointsOfPresence } from "../../../loadtest/rehearsal/edge.ts"

const request = { method: "GET", path: "/v1/skus/a/availability" } as const
const cacheControl = "public, max-age=1, stale-while-revalidate=5"

/** An origin that counts its requests and answers on demand, and an edge in front of it with a clock that the test sets. */
function origin(answer: (call: number) => Reply = (call) => ({ kind: "answer", status: 200, body: call, cacheControl })) {
  let calls = 0
  let nowMs = 0
  const edge = createEdge(
    async () => {
      calls += 1
      return answer(calls)
    },
    () => nowMs,
  )
  const read = async (shopper = 0) => {
    const { reply, isHit } = await edge.read(shopper, request)
    return { body: reply.kind === "answer" ? reply.body : undefined, isHit }
  }
  return {
    read,
    at: (ms: number) => {
      nowMs = ms
    },
    calls: () => calls,
  }
}

test("within its second one answer serves all shoppers of a point", async () => {
  const { read, at, calls } = origin()
  expect(await read()).toEqual({ body: 1, isHit: false })
  at(999)
  expect(await read(pointsOfPresence)).toEqual({ body: 1, isHit: true })
  expect(calls()).toBe(1)
})

test("any number of concurrent reads cause one request to the origin", async () => {
  const { read, calls } = origin()
  const all = await Promise.all(Array.from({ length: 50 }, () => read()))
  expect(calls()).toBe(1)
  expect(all.filter(({ isHit }) => !isHit)).toHaveLength(1)
})

test("stale but usable content is answered at once and fetched again", async () => {
  const { read, at, calls } = origin()
  await read()
  at(1_500)
  expect(await read()).toEqual({ body: 1, isHit: true })
  expect(calls()).toBe(2)
  expect(await read()).toEqual({ body: 2, isHit: true })
})

test("content that is too old is not shown", async () => {
  const { read, at } = origin()
  await read()
  at(6_001)
  expect(await read()).toEqual({ body: 2, isHit: false })
})

test("each point has a cache of its own", async () => {
  const { read, calls } = origin()
  await Promise.all(Array.from({ length: 3 * pointsOfPresence }, (_, shopper) => read(shopper)))
  expect(calls()).toBe(pointsOfPresence)
})

test("errors and answers that may not be cached are not kept", async () => {
  const trouble = origin(() => ({ kind: "failed", error: "ECONNRESET" }))
  await trouble.read()
  await trouble.read()
  expect(trouble.calls()).toBe(2)
  const uncacheable = origin((call) => ({ kind: "answer", status: 200, body: call }))
  await uncacheable.read()
  expect(await uncacheable.read()).toEqual({ body: 2, isHit: false })
})
