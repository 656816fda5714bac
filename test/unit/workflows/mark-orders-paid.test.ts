import { beforeEach, describe, expect, test } from "vitest"
import type { TransitionCommand } from "../../../core/workflows/allocation/apply-command.ts"
import {
  createMarkOrderPaid,
  type MarkOrderPaid,
  maxPaidPerTransaction,
} from "../../../core/workflows/payments/mark-orders-paid.ts"

let begun: { skuNo: number; orderIds: readonly string[]; end: (error?: Error) => void }[]
let markOrderPaid: MarkOrderPaid

beforeEach(() => {
  begun = []
  markOrderPaid = createMarkOrderPaid((skuNo: number, command: TransitionCommand) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ expired: number }>()
    const orderIds = command.kind === "paid" ? command.orderIds : []
    begun.push({ skuNo, orderIds, end: (error) => (error ? reject(error) : resolve({ expired: 0 })) })
    return promise
  }, 0)
})

/** Runs everything that does not wait for an answer from outside. */
const quiet = () => new Promise((resolve) => setImmediate(resolve))
const orders = () => begun.map(({ orderIds }) => orderIds)

describe("captured orders", () => {
  test("that come alone are marked at once", () => {
    void markOrderPaid(1, "a")
    expect(begun).toMatchObject([{ skuNo: 1, orderIds: ["a"] }])
  })

  test("that come during a transaction of their SKU share the next one, and every caller gets the result of its own order", async () => {
    const first = markOrderPaid(1, "a")
    const others = Promise.all([markOrderPaid(1, "b"), markOrderPaid(1, "c")])
    void markOrderPaid(2, "d")
    expect(orders()).toEqual([["a"], ["d"]])
    begun[0]?.end()
    await first
    await quiet()
    expect(orders()).toEqual([["a"], ["d"], ["b", "c"]])
    begun[2]?.end()
    await others
    void markOrderPaid(1, "e")
    await quiet()
    expect(orders().at(-1)).toEqual(["e"])
  })

  test("beyond the limit of one transaction wait for the next one", async () => {
    const notes = Array.from({ length: maxPaidPerTransaction + 2 }, (_, index) => markOrderPaid(1, String(index)))
    for (let transaction = 0; transaction < 3; transaction += 1) {
      begun[transaction]?.end()
      await quiet()
    }
    await Promise.all(notes)
    expect(orders().map(({ length }) => length)).toEqual([1, maxPaidPerTransaction, 1])
  })

  test("are not marked when their transaction fails, and the orders after them are", async () => {
    const first = markOrderPaid(1, "a")
    const second = markOrderPaid(1, "b")
    begun[0]?.end(new Error("database away"))
    await expect(first).rejects.toThrow("database away")
    await quiet()
    begun[1]?.end()
    await expect(second).resolves.toBeUndefined()
  })
})
