import { expect, test } from "vitest"
import { batchPerTick, maxItemsPerCall } from "../../../core/concurrency/batch-per-tick.ts"

/** Doubles numbers, and records the numbers of each call. */
function doubling() {
  const calls: (readonly number[])[] = []
  const double = batchPerTick(async (items: readonly number[]) => {
    calls.push(items)
    if (items.includes(0)) throw new Error("nothing to double")
    return items.map((item) => 2 * item)
  })
  return { calls, double }
}

test("requests of one tick share a call, and each gets its own answer", async () => {
  const { calls, double } = doubling()
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6])
  expect(await double(4)).toBe(8)
  expect(calls).toEqual([[1, 2, 3], [4]])
})

test("no call carries more than its limit: further calls carry the rest", async () => {
  const { calls, double } = doubling()
  const items = Array.from({ length: 2 * maxItemsPerCall + 1 }, (_, index) => index + 1)
  expect(await Promise.all(items.map(double))).toEqual(items.map((item) => 2 * item))
  expect(calls.map(({ length }) => length)).toEqual([maxItemsPerCall, maxItemsPerCall, 1])
})

test("a failed call fails all of its requests and no others", async () => {
  const { double } = doubling()
  await expect(Promise.all([double(1), double(0)])).rejects.toThrow("nothing to double")
  expect(await double(5)).toBe(10)
})
