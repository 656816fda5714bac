import fc from "fast-check"
import { expect, test } from "vitest"
import { maxBacklog } from "../../../core/adapters/redis/admission-codec.ts"
import { uuidv5 } from "../../../core/domain/ids.ts"
import { createRecentDecisions, maxRecentDecisions, type RecentDecisions } from "../../../core/domain/recent-decisions.ts"
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

/** An id that is made quickly; the first words of such ids differ. */
const spreadIdOf = (number: number) =>
  `${(Math.imul(number, 0x9e37_79b1) >>> 0).toString(16).padStart(8, "0")}-0000-5000-8000-000000000000`

/** What the memory knows of these ids. */
const recalled = (recent: RecentDecisions, ids: readonly string[]) => recent.of(ids.map((id) => ({ id })))

test("the memory is bounded, and it holds the newest decisions", () => {
  const recent = createRecentDecisions()
  const ids = Array.from({ length: maxRecentDecisions + 1_000 }, (_, number) => spreadIdOf(number))
  for (const id of ids) recent.add({ ...decided(0), id })
  expect(recent.size).toBe(maxRecentDecisions)
  expect(recalled(recent, ids.slice(0, 1_000)).size).toBe(0)
  expect(recalled(recent, ids.slice(1_000)).size).toBe(maxRecentDecisions)
})

test("the newest decisions are known, however often the rows were overwritten", () => {
  const recent = createRecentDecisions(30)
  const ids = Array.from({ length: 170 }, (_, id) => nameOf(id))
  for (const [index, id] of ids.entries()) {
    recent.add({ ...decided(0), id })
    expect([...recalled(recent, ids).keys()]).toEqual(ids.slice(Math.max(0, index - 29), index + 1))
  }
})

test("a copy that was queued while its first record was undecided is known", () => {
  expect(maxRecentDecisions).toBeGreaterThan(maxBacklog)
})

test("ids that share their first bytes are not confused", () => {
  const ids = Array.from({ length: 40 }, (_, id) => `aaaaaaaa-0000-5000-8000-${String(id).padStart(12, "0")}`)
  const recent = createRecentDecisions(10)
  for (const [index, id] of ids.entries()) {
    recent.add({ ...decided(0), id, ord: index })
    const newest = ids.slice(Math.max(0, index - 9), index + 1)
    expect([...recalled(recent, ids)].map(([name, { ord }]) => [name, ord])).toEqual(
      newest.map((name) => [name, ids.indexOf(name)]),
    )
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
      for (let id = 0; id <= 20; id += 1) expect(recalled(recent, [nameOf(id)]).size === 1).toBe(known.has(id))
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
      expect([
        ...recalled(
          recent,
          decisions.map(({ id }) => id),
        ).values(),
      ]).toEqual(expected)
    }),
  )
})

test("an id that no request has is not known", () => {
  const recent = createRecentDecisions(10)
  recent.add(decided(1))
  recent.remove(nameOf(1))
  expect(recalled(recent, ["00000000-0000-0000-0000-000000000000", nameOf(1)])).toEqual(new Map())
})
