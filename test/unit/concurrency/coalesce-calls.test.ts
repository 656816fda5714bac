import { expect, test } from "vitest"
import { coalesceCalls } from "../../../core/concurrency/coalesce-calls.ts"

// workflows/mark-orders-paid.test.ts shows how calls are shared, and how a failure is handled.
test("calls keep a minimum interval, and callers in between share the next call", async () => {
  const intervalMs = 40
  const calls: { readonly items: readonly number[]; readonly atMs: number }[] = []
  const double = coalesceCalls<number, number>(
    async (items) => {
      calls.push({ items, atMs: performance.now() })
      return items.map((item) => 2 * item)
    },
    { maxItems: 10, intervalMs },
  )
  expect(await double(1)).toBe(2)
  expect(await Promise.all([double(2), double(3)])).toEqual([4, 6])
  expect(await double(4)).toBe(8)
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3], [4]])
  const distances = calls.slice(1).map(({ atMs }, index) => atMs - (calls[index]?.atMs ?? 0))
  // Timers have whole milliseconds.
  expect(Math.min(...distances)).toBeGreaterThan(intervalMs - 2)
})
