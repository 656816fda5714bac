import fc from "fast-check"
import { expect, test } from "vitest"
import { LruMap } from "../../../core/domain/lru-map.ts"

/** A list of entries, the oldest first. */
class ModelMap {
  entries: (readonly [key: number, value: number])[] = []
  readonly max: number

  constructor(max: number) {
    this.max = max
  }

  get(key: number): number | undefined {
    return this.entries.find(([known]) => known === key)?.[1]
  }

  set(key: number, value: number): void {
    this.entries = [...this.entries.filter(([known]) => known !== key), [key, value] as const].slice(-this.max)
  }
}

const key = fc.nat(12)
const act = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key, value: fc.nat(1_000) }),
  fc.record({ kind: fc.constant("get" as const), key }),
)

test("the map holds exactly the entries of a plain list of the most recently used ones", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(act, { maxLength: 60 }), (max, acts) => {
      const map = new LruMap<number, number>(max)
      const model = new ModelMap(max)
      for (const next of acts) {
        if (next.kind === "get") expect(map.get(next.key)).toBe(model.get(next.key))
        else {
          map.set(next.key, next.value)
          model.set(next.key, next.value)
        }
        expect(map.size).toBe(model.entries.length)
      }
      for (let known = 0; known <= 12; known += 1) expect(map.get(known)).toBe(model.get(known))
    }),
    { numRuns: 1_000 },
  )
})

test("an undefined key is an entry like any other, and is removed when it is the oldest", () => {
  const map = new LruMap<string | undefined, number>(1)
  map.set(undefined, 1)
  map.set("a", 2)
  expect([map.size, map.get(undefined), map.get("a")]).toEqual([1, undefined, 2])
})

test.each([0, -1, Number.NaN])("a map of %s entries is refused", (max) => {
  expect(() => new LruMap(max)).toThrow(RangeError)
})
