import { expect, test } from "vitest"
import { batchPerTick, maxItemsPerCall } from "../../../core/concurrency/batch-per-tick.ts"

/** Doubles numbers, and keeps what each call carried. */
function doubling() {
  const calls: (readonly number[])[] = []
  const double = batchPerTick(async (items: readonly number[]) => {
    calls.push(items)
    if (items.includes(0)) throw new Error("nothing to double")
    return items.map((item) => 2 * item)
  })
  return { calls, double }
}

test("what one turn asks shares a call, and everyone gets the answer to his own", async () => {
  const { calls, double } = doubling()
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6])
  expect(await double(4)).toBe(8)
  expect(calls).toEqual([[1, 2, 3], [4]])
})

test("no call carries more than its limit: the rest goes in calls of its own", async () => {
  const { calls, double } = doubling()
  const items = Array.from({ length: 2 * maxItemsPerCall + 1 }, (_, index) => index + 1)
  expect(await Promise.all(items.map(double))).toEqual(items.map((item) => 2 * item))
  expect(calls.map(({ length }) => length)).toEqual([maxItemsPerCall, maxItemsPerCall, 1])
})

test("a call that fails fails for everyone in it and for nobody else", async () => {
  const { double } = doubling()
  await expect(Promise.all([double(1), double(0)])).rejects.toThrow("nothing to double")
  expect(await double(5)).toBe(10)
})
