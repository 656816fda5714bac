import fc from "fast-check"
import { expect, test } from "vitest"
import { createRecentDecisions, maxRecentDecisions } from "../../../core/domain/recent-decisions.ts"
import type { Reservation } from "../../../core/domain/reservation.ts"

const decided = (id: string): Reservation => ({
  id,
  skuNo: 1,
  seq: 1,
  ord: 0,
  outcome: "reserved",
  state: "RESERVED",
  quantity: 1,
  owner: 1,
  bodyHash: 1,
})

test("however many are decided, memory is bounded and the latest half of it is known", () => {
  const recent = createRecentDecisions()
  for (let id = 0; id < 3 * maxRecentDecisions; id += 1) recent.add(decided(String(id)))
  expect(recent.size).toBeLessThanOrEqual(maxRecentDecisions)
  for (let back = 1; back <= maxRecentDecisions / 2; back += 1) {
    expect(recent.get(String(3 * maxRecentDecisions - back))).toBeDefined()
  }
})

test("what was removed is not known, whenever it was entered", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.nat(20), removes: fc.boolean() })), (acts) => {
      const recent = createRecentDecisions(1_000)
      const known = new Set<number>()
      for (const { id, removes } of acts) {
        if (removes) recent.remove(String(id))
        else recent.add(decided(String(id)))
        known[removes ? "delete" : "add"](id)
      }
      for (let id = 0; id <= 20; id += 1) expect(recent.get(String(id)) !== undefined).toBe(known.has(id))
    }),
  )
})
