import { beforeEach, expect, test, vi } from "vitest"
import { rememberedMs, rememberTokens } from "../../../core/adapters/http/verified-tokens.ts"

const never = Number.POSITIVE_INFINITY

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] })
  return () => vi.useRealTimers()
})

test("a token is remembered for a minute after its verification, also when it is used all the time", () => {
  const tokens = rememberTokens<string>(10)
  tokens.keep("a", "alice", never)
  for (let spentMs = 0; spentMs < rememberedMs; spentMs += 1_000) {
    expect(tokens.get("a")).toBe("alice")
    vi.advanceTimersByTime(1_000)
  }
  expect(tokens.get("a")).toBeUndefined()
})

test("a token that ends before is not remembered after its end", () => {
  const tokens = rememberTokens<string>(10)
  tokens.keep("a", "alice", Date.now() + 5_000)
  vi.advanceTimersByTime(4_999)
  expect(tokens.get("a")).toBe("alice")
  vi.advanceTimersByTime(1)
  expect(tokens.get("a")).toBeUndefined()
})

test.each([1, 2, 3, 8, 100])(
  "of %i tokens, one that was used after half of the others had come is not the first to go",
  (max) => {
    const tokens = rememberTokens<number>(max)
    for (let n = 0; n < max; n += 1) tokens.keep(`t${n}`, n, never)
    expect(tokens.get("t0")).toBe(0)
    tokens.keep("new", max, never)
    expect(tokens.get("new")).toBe(max)
    if (max > 1) expect([tokens.get("t0"), tokens.get("t1")]).toEqual([0, undefined])
  },
)

test("a token that is verified a second time takes no second place", () => {
  const tokens = rememberTokens<string>(2)
  tokens.keep("a", "alice", never)
  tokens.keep("b", "bob", never)
  tokens.keep("b", "bob", never)
  expect([tokens.get("a"), tokens.get("b")]).toEqual(["alice", "bob"])
})
