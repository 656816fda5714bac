import fc from "fast-check"
import { expect, test } from "vitest"
import { backoffMs } from "../../../core/concurrency/backoff.ts"

test("a pause doubles up to its bound, and a random half of it is left out", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 100 }), (failures, firstMs) => {
      const fullMs = Math.min(2_000, firstMs * 2 ** (failures - 1))
      const pauseMs = backoffMs(failures, firstMs, 2_000)
      expect(pauseMs).toBeGreaterThanOrEqual(fullMs / 2)
      expect(pauseMs).toBeLessThanOrEqual(fullMs)
    }),
  )
})

test("callers that failed at the same time do not retry at the same time", () => {
  expect(new Set(Array.from({ length: 20 }, () => backoffMs(3, 50, 2_000))).size).toBeGreaterThan(1)
})
