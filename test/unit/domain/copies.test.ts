import { expect, test } from "vitest"
import { copyLimits, firstOfKey, rememberCopies } from "../../../core/domain/copies.ts"
import { createLocalRateLimiter } from "../../../core/workflows/admission/local-rate-limiter.ts"

const { freeCopies, maxSendsAtOnce, sendIntervalMs, windowMs } = copyLimits
const free = { id: "id", userId: "user" }
const paying = { ...free, client: { tier: 1, signals: [] } } as const
type Limiter = ReturnType<typeof createLocalRateLimiter>
const kinds = (limiter: Limiter, count: number, nowMs: number, request: Parameters<Limiter["look"]>[0] = paying) =>
  Array.from({ length: count }, () => limiter.look(request, nowMs).kind)

test("while Redis is unavailable, the first copies of a key are sent at once, and further ones at a limited rate", () => {
  const limiter = createLocalRateLimiter()
  expect(kinds(limiter, maxSendsAtOnce + 2, 0, free)).toEqual([...Array(maxSendsAtOnce).fill("admitted"), "pending", "pending"])
  expect(kinds(limiter, 2, sendIntervalMs - 1, free)).toEqual(["pending", "pending"])
  expect(kinds(limiter, 2, sendIntervalMs, free)).toEqual(["admitted", "pending"])
})

test("while Redis is unavailable, copies beyond the free ones cost a token, and the free ones come back after a window", () => {
  const limiter = createLocalRateLimiter()
  expect(kinds(limiter, 1 + freeCopies + 2, 0).slice(-3)).toEqual(["pending", "limited", "limited"])
  expect(kinds(limiter, 1, windowMs)).toEqual(["admitted"])
})

test("while Redis is unavailable, a first request that had no token leaves no free copies", () => {
  const limiter = createLocalRateLimiter()
  expect(kinds(limiter, 1, 0, { ...paying, id: "another" })).toEqual(["admitted"])
  expect(kinds(limiter, 3, 0)).toEqual(["limited", "limited", "limited"])
})

test("the number of kept keys is bounded, and the least recently used key is dropped first", () => {
  const keys = rememberCopies(2)
  for (const id of ["a", "b", "a", "c"]) keys.set(id, firstOfKey(0))
  expect([keys.size, keys.get("a") !== undefined, keys.get("b")]).toEqual([2, true, undefined])
})
