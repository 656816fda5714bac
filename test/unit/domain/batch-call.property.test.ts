import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type BatchItem, identifyBatchCall } from "../../../core/domain/batch-call.ts"
import { isUuid, reservationIdOf } from "../../../core/domain/ids.ts"

const client = "8c1f2a36-3c0c-5f57-9d3f-1b9d1f0a4c11"
const key = "key-of-the-batch"

/** Few users, SKUs and quantities, so that equal items are common. */
const item = fc.record({
  userId: fc.constantFrom("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
  skuId: fc.constantFrom("lamp", "lamp-1", "chair"),
  quantity: fc.integer({ min: 1, max: 3 }),
})
const items = fc.array(item, { minLength: 1, maxLength: 12 })
const shuffled = items.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
)

const nameOf = ({ userId, skuId, quantity }: BatchItem) => `${userId} ${skuId} ${quantity}`

/** Each item with its id, sorted. The ids of equal items may be exchanged. */
const pairsOf = (list: readonly BatchItem[], ids: readonly string[]) =>
  list.map((each, index) => `${nameOf(each)} ${ids[index]}`).sort()

describe("a batch call", () => {
  test("has the same hash and the same ids for the same items in any order", () => {
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const [first, second] = [identifyBatchCall(client, key, one), identifyBatchCall(client, key, other)]
        expect(second.bodyHash).toEqual(first.bodyHash)
        expect(second.callId).toBe(first.callId)
        expect(pairsOf(other, second.itemIds)).toEqual(pairsOf(one, first.itemIds))
      }),
    )
  })

  test("has as many ids as items: equal items are separate reservations", () => {
    fc.assert(
      fc.property(items, (list) => {
        const { itemIds } = identifyBatchCall(client, key, list)
        expect(new Set(itemIds).size).toBe(list.length)
        expect(itemIds.every(isUuid)).toBe(true)
        for (const { userId } of list) expect(itemIds).not.toContain(reservationIdOf(userId, key))
      }),
    )
  })

  test("has another hash for other items", () => {
    fc.assert(
      fc.property(items, items, (one, other) => {
        const sorted = (list: readonly BatchItem[]) => list.map(nameOf).sort().join()
        fc.pre(sorted(one) !== sorted(other))
        expect(identifyBatchCall(client, key, one).bodyHash).not.toEqual(identifyBatchCall(client, key, other).bodyHash)
      }),
    )
  })

  test("shares nothing with another key or another client", () => {
    fc.assert(
      fc.property(items, fc.uuid(), (list, another) => {
        const calls = [
          identifyBatchCall(client, key, list),
          identifyBatchCall(another, key, list),
          identifyBatchCall(client, "another-key", list),
        ]
        expect(new Set(calls.map(({ callId }) => callId)).size).toBe(3)
        expect(new Set(calls.flatMap(({ itemIds }) => itemIds)).size).toBe(3 * list.length)
      }),
    )
  })
})
