import fc from "fast-check"
import { expect, test } from "vitest"
import { uuidv5 } from "../../../core/domain/ids.ts"
import { createRecentDecisions, maxRecentDecisions } from "../../../core/domain/recent-decisions.ts"
import { initialState, type Outcome, outcomeCodes, type Reservation } from "../../../core/domain/reservation.ts"

const nameOf = (id: number) => uuidv5(String(id), "0198f5a4-7c1e-7d2b-9a3f-000000000001")
const decided = (id: number): Reservation => ({
  id: nameOf(id),
  skuNo: 1,
  seq: 1,
  ord: 0,
  outcome: "reserved",
  state: "RESERVED",
  quantity: 1,
  owner: 1,
  bodyHash: 1,
})

test("the memory is bounded, and it holds at least its newer half", () => {
  const recent = createRecentDecisions()
  for (let id = 0; id < 3 * maxRecentDecisions; id += 1) recent.add(decided(id))
  expect(recent.size).toBeLessThanOrEqual(maxRecentDecisions)
  for (let back = 1; back <= maxRecentDecisions / 2; back += 1) {
    expect(recent.get(nameOf(3 * maxRecentDecisions - back))).toBeDefined()
  }
})

test("a removed decision is not known, in any order of adding and removing", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.nat(20), removes: fc.boolean() })), (acts) => {
      const recent = createRecentDecisions(1_000)
      const known = new Set<number>()
      for (const { id, removes } of acts) {
        if (removes) recent.remove(nameOf(id))
        else recent.add(decided(id))
        known[removes ? "delete" : "add"](id)
      }
      for (let id = 0; id <= 20; id += 1) expect(recent.get(nameOf(id)) !== undefined).toBe(known.has(id))
    }),
  )
})

test("every decision is read back unchanged", () => {
  const outcomes = fc.constantFrom(...(Object.keys(outcomeCodes) as Outcome[]))
  const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  const made = fc.record({
    id: fc.uuid(),
    skuNo: int,
    seq: int,
    ord: int,
    outcome: outcomes,
    quantity: int,
    owner: int,
    bodyHash: int,
  })
  fc.assert(
    fc.property(fc.uniqueArray(made, { selector: ({ id }) => id, maxLength: 30 }), (decisions) => {
      const recent = createRecentDecisions(100)
      const expected = decisions.map((decision) => ({ ...decision, state: initialState(decision.outcome) }))
      for (const decision of expected) recent.add(decision)
      expect(decisions.map(({ id }) => recent.get(id))).toEqual(expected)
    }),
  )
})

test("the nil id, which no request has, is never known", () => {
  const recent = createRecentDecisions(10)
  recent.add(decided(1))
  recent.remove(nameOf(1))
  expect(recent.get("00000000-0000-0000-0000-000000000000")).toBeUndefined()
})
