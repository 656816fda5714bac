import fc from "fast-check"
import { expect, test } from "vitest"
import type { Decision } from "../../core/domain/decide.ts"
import { inversionsOf } from "../../core/domain/inversions.ts"

type Given = { offset?: number; skuNo?: number; quantity?: number; outcome: string; repeated?: boolean }
const decisions = (given: readonly Given[]): Decision[] =>
  given.map(({ offset, skuNo = 1, quantity = 1, outcome, repeated = false }) => ({
    repeated,
    request: { skuNo, quantity, ...(offset !== undefined && { offset }) },
    reservation: { skuNo, outcome },
  })) as unknown as Decision[]

test("units for a later request that an earlier one was refused are an inversion, in any order of the answers", () => {
  const answers = [
    { offset: 3, outcome: "reserved" },
    { offset: 1, outcome: "reserved" },
    { offset: 2, outcome: "sold-out" },
  ]
  expect(inversionsOf(decisions(answers))).toBe(1)
  expect(
    inversionsOf(
      decisions([
        { offset: 2, outcome: "waitlisted" },
        { offset: 3, outcome: "reserved" },
      ]),
    ),
  ).toBe(1)
})

test("a smaller request, another SKU, a copy, a direct request and a refusal for another reason are none", () => {
  const earlier = { offset: 1, quantity: 2, outcome: "sold-out" }
  for (const later of [
    { offset: 2, quantity: 1, outcome: "reserved" },
    { offset: 2, quantity: 2, skuNo: 2, outcome: "reserved" },
    { offset: 2, quantity: 2, outcome: "reserved", repeated: true },
    { quantity: 2, outcome: "reserved" },
  ]) {
    expect(inversionsOf(decisions([earlier, later]))).toBe(0)
  }
  expect(
    inversionsOf(
      decisions([
        { offset: 1, outcome: "user-limit-reached" },
        { offset: 2, outcome: "reserved" },
      ]),
    ),
  ).toBe(0)
})

test("a batch that gives units in the order of the log, as long as they last, has none", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 })), fc.integer({ min: 0, max: 20 }), (quantities, stock) => {
      let left = stock
      const answers = quantities.map((quantity, offset) => {
        const outcome = quantity <= left ? "reserved" : "sold-out"
        if (outcome === "reserved") left -= quantity
        return { offset, quantity, outcome }
      })
      expect(inversionsOf(decisions(answers))).toBe(0)
    }),
  )
})
