import fc from "fast-check"
import { expect, test } from "vitest"
import type { ReservationRequest } from "../../../core/domain/reservation.ts"
import { second } from "../../../core/domain/reservation.ts"
import { MemorySale } from "./memory-sale.ts"
import { ReferenceSale } from "./reference-model.ts"

const skuNos = [1, 2]
const userOf = (n: number) => `0000000${n}-0000-4000-8000-000000000000`
const idOf = (n: number) => `a0000000-0000-4000-8000-${String(n).padStart(12, "0")}`

const asked = fc.record({
  id: fc.nat(40),
  user: fc.nat(6),
  sku: fc.constantFrom(...skuNos),
  quantity: fc.integer({ min: -1, max: 4 }),
  joinWaitlist: fc.boolean(),
})

const step = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ kind: fc.constant("batch" as const), asked: fc.array(asked, { minLength: 1, maxLength: 12 }) }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("cancel" as const), id: fc.nat(40), sku: fc.constantFrom(...skuNos) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("restock" as const),
      sku: fc.constantFrom(...skuNos),
      quantity: fc.integer({ min: -4, max: 6 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("sweep" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const), sku: fc.constantFrom(...skuNos) }) },
)

const shape = fc.record({
  total: fc.integer({ min: 0, max: 12 }),
  perUserLimit: fc.integer({ min: 1, max: 5 }),
  waitlistLimit: fc.integer({ min: 0, max: 4 }),
  maxUnpaidHolds: fc.integer({ min: 1, max: 4 }),
  holdSeconds: fc.integer({ min: 1, max: 120 }),
})

/** The id determines the user and the SKU: the same id is always the same request. */
function requestsOf(
  items: readonly { id: number; user: number; sku: number; quantity: number; joinWaitlist: boolean }[],
  known: Map<number, ReservationRequest>,
  offset: number,
) {
  return items.map((item, index) => {
    const request = known.get(item.id) ?? {
      id: idOf(item.id),
      userId: userOf(item.user),
      skuNo: item.sku,
      quantity: item.quantity,
      joinWaitlist: item.joinWaitlist,
      bodyHash: item.id,
      offset: 0,
    }
    known.set(item.id, request)
    return { ...request, offset: offset + index }
  })
}

test("batches decide exactly as single requests do, with any other commands in between", () => {
  fc.assert(
    fc.property(shape, fc.array(step, { minLength: 1, maxLength: 40 }), (sale, steps) => {
      const core = new MemorySale()
      const references = new Map(skuNos.map((skuNo) => [skuNo, new ReferenceSale(sale)]))
      for (const skuNo of skuNos) core.addSku({ skuNo, ...sale })
      const reference = (skuNo: number) => references.get(skuNo) as ReferenceSale
      const known = new Map<number, ReservationRequest>()
      let offset = 0

      for (const action of steps) {
        if (action.kind === "batch") {
          const requests = requestsOf(action.asked, known, offset)
          offset += requests.length
          for (const skuNo of new Set(requests.map((r) => r.skuNo))) reference(skuNo).run({ kind: "expire" }, core.now)
          const wanted = requests.flatMap(
            (request) => reference(request.skuNo).run({ kind: "allocate", requests: [request] }, core.now).outcomes,
          )
          expect(core.reserve(requests).answers.map(({ reservation }) => reservation.outcome)).toEqual(wanted)
        } else if (action.kind === "wait") core.now += action.seconds * second
        else if (action.kind === "sweep") {
          for (const skuNo of skuNos) {
            reference(skuNo).run({ kind: "expire" }, core.now)
            core.run({ kind: "expire" }, [skuNo])
          }
        } else if (action.kind === "cancel") {
          const request = known.get(action.id)
          if (!request || !core.reservations.has(request.id)) continue
          const { skuNo, id, userId } = request
          const { refused } = core.run({ kind: "cancel", reservationId: id, userId }, [skuNo])
          expect(refused).toBe(reference(skuNo).run({ kind: "cancel", id, userId }, core.now).refused)
        } else if (action.kind === "restock") {
          const { refused } = core.run({ kind: "restock", skuNo: action.sku, quantity: action.quantity }, [action.sku])
          expect(refused).toBe(reference(action.sku).run({ kind: "restock", quantity: action.quantity }, core.now).refused)
        } else {
          reference(action.sku).run({ kind: "close" }, core.now)
          core.applyCommand({ kind: "close", skuNo: action.sku }, action.sku)
        }
      }

      for (const skuNo of skuNos) {
        for (const expected of reference(skuNo).entries) expect(core.reservations.get(expected.id)?.state).toBe(expected.state)
        const { reserved, sold, total } = core.sku(skuNo).balances
        expect(reserved).toBe(reference(skuNo).unitsIn("RESERVED"))
        expect(reserved + sold).toBeLessThanOrEqual(total)
      }
    }),
    { numRuns: 3_000 },
  )
})

test("the division of a partition into batches changes no decision", () => {
  fc.assert(
    fc.property(
      shape,
      fc.array(asked, { minLength: 1, maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (sale, items, sizes) => {
        const outcomesWith = (cuts: readonly number[]) => {
          const core = new MemorySale()
          for (const skuNo of skuNos) core.addSku({ skuNo, ...sale })
          const requests = requestsOf(items, new Map(), 0)
          const outcomes: string[] = []
          for (let from = 0, cut = 0; from < requests.length; cut += 1) {
            const size = cuts[cut % cuts.length] ?? 1
            outcomes.push(
              ...core.reserve(requests.slice(from, from + size)).answers.map(({ reservation }) => reservation.outcome),
            )
            from += size
          }
          return outcomes
        }
        expect(outcomesWith(sizes)).toEqual(outcomesWith([items.length]))
      },
    ),
    { numRuns: 1_000 },
  )
})
