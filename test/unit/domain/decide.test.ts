import { describe, expect, test } from "vitest"
import { ownerOf } from "../../../core/domain/ids.ts"
import { type ReservationRequest, second } from "../../../core/domain/reservation.ts"
import { type SkuSale, saleStatusChangesAt } from "../../../core/domain/sale.ts"
import { MemorySale } from "./memory-sale.ts"

const users = {
  alice: "aaaaaaaa-0000-4000-8000-000000000001",
  bob: "bbbbbbbb-0000-4000-8000-000000000002",
  carol: "cccccccc-0000-4000-8000-000000000003",
}
type Name = keyof typeof users

let nextOffset = 0
const request = (
  name: Name,
  more: { key?: string; quantity?: number; wait?: boolean; sku?: number; body?: number } = {},
): ReservationRequest => ({
  id: `${name}-${more.key ?? "k"}`,
  userId: users[name],
  skuNo: more.sku ?? 1,
  quantity: more.quantity ?? 1,
  joinWaitlist: more.wait ?? false,
  bodyHash: more.body ?? 7,
  offset: nextOffset++,
})

function given(total: number, sale: Partial<SkuSale> = {}): MemorySale {
  const core = new MemorySale()
  core.addSku({ skuNo: 1, total, ...sale })
  return core
}

const outcomes = (core: MemorySale, ...requests: ReservationRequest[]) =>
  core.reserve(requests).answers.map(({ reservation }) => reservation.outcome)
const kinds = (allocation: ReturnType<MemorySale["run"]>) =>
  allocation.changes.flatMap(({ entries }) => entries.map(({ kind }) => kind))

describe("requests are decided in the order of their offsets", () => {
  test("the last unit goes to the earlier request", () => {
    expect(outcomes(given(1), request("alice"), request("bob"))).toEqual(["reserved", "sold-out"])
  })

  test("a request that does not fit leaves the units to a later one that does", () => {
    expect(outcomes(given(1, { perUserLimit: 2 }), request("alice", { quantity: 2 }), request("bob"))).toEqual([
      "sold-out",
      "reserved",
    ])
  })

  test("the same request twice in one batch gets the first answer twice", () => {
    const core = given(1)
    const { answers } = core.reserve([request("alice", { key: "k1" }), request("alice", { key: "k1" }), request("bob")])
    expect(answers.map(({ reservation, repeated }) => [reservation.outcome, repeated])).toEqual([
      ["reserved", undefined],
      ["reserved", "duplicate"],
      ["sold-out", undefined],
    ])
  })

  test("a key that is used again for another request keeps the first decision and is counted as a conflict", () => {
    const core = given(5)
    core.reserve([request("alice", { body: 1 })])
    const { answers, changes } = core.reserve([request("alice", { body: 2, quantity: 2 })])
    expect(answers[0]).toMatchObject({ repeated: "conflict", reservation: { outcome: "reserved", quantity: 1 } })
    expect(changes[0]?.tally).toEqual({ conflicts: 1 })
  })

  test("a batch that only repeats writes no ledger entry", () => {
    const core = given(5)
    core.reserve([request("alice")])
    expect(kinds(core.reserve([request("alice")]))).toEqual([])
  })
})

describe("limits", () => {
  test("quantities of one user add up to at most the limit, within a batch and across batches", () => {
    const core = given(10, { perUserLimit: 3 })
    expect(outcomes(core, request("alice", { key: "1", quantity: 2 }), request("alice", { key: "2", quantity: 2 }))).toEqual([
      "reserved",
      "user-limit-reached",
    ])
    expect(outcomes(core, request("alice", { key: "3" }), request("alice", { key: "4" }))).toEqual([
      "reserved",
      "user-limit-reached",
    ])
  })

  test("an entry of the waitlist counts towards the limit", () => {
    const core = given(0, { waitlistLimit: 5 })
    expect(outcomes(core, request("alice", { key: "1", wait: true }), request("alice", { key: "2", wait: true }))).toEqual([
      "waitlisted",
      "user-limit-reached",
    ])
  })

  test("holds that expired or were cancelled count towards the limit of unpaid holds; a paid one and a left waitlist do not", () => {
    const core = given(1, { maxUnpaidHolds: 2, waitlistLimit: 1 })
    core.reserve([request("alice", { key: "1" })])
    core.now += 121 * second
    core.reserve([request("alice", { key: "2" }), request("bob", { key: "1", wait: true })])
    core.run({ kind: "cancel", reservationId: "bob-1", userId: users.bob }, [1])
    core.run({ kind: "cancel", reservationId: "alice-2", userId: users.alice }, [1])
    expect(outcomes(core, request("alice", { key: "3" }))).toEqual(["hold-limit-reached"])
    for (const key of ["2", "3", "4"]) {
      expect(outcomes(core, request("bob", { key }))).toEqual(["reserved"])
      core.confirm(`bob-${key}`, key)
      core.run({ kind: "restock", skuNo: 1, quantity: 1 }, [1])
      core.skus.set(1, { ...core.sku(1), perUserLimit: 10 })
    }
  })

  test("the limit of unpaid holds counts the grants of the same batch, and comes before the stock and after the limit of units", () => {
    const core = given(2, { maxUnpaidHolds: 2, perUserLimit: 3 })
    expect(
      outcomes(
        core,
        ...[request("alice", { key: "1" }), request("alice", { key: "2" }), request("alice", { key: "3" })],
        ...[request("alice", { key: "4", quantity: 2 }), request("bob")],
      ),
    ).toEqual(["reserved", "reserved", "hold-limit-reached", "user-limit-reached", "sold-out"])
  })

  test("a hold that expires in the same batch no longer counts", () => {
    const core = given(1)
    core.reserve([request("alice", { key: "1" })])
    core.now += 121 * second
    expect(outcomes(core, request("alice", { key: "2" }))).toEqual(["reserved"])
  })

  test.each([0, -1])("a quantity of %i is invalid in every sale", (quantity) => {
    expect(outcomes(given(5, { status: "closed" }), request("alice", { quantity }))).toEqual(["invalid"])
  })
})

describe("the sale's times", () => {
  test("a draft refuses until its opening time, to the microsecond", () => {
    const core = given(5, { status: "draft", opensAt: 2_000 * second })
    core.now = 2_000 * second - 1
    expect(outcomes(core, request("alice"))).toEqual(["sale-not-open"])
    core.now += 1
    expect(outcomes(core, request("bob"))).toEqual(["reserved"])
  })

  test("a sale closes at its closing time by itself, and a closed one does not open again", () => {
    const core = given(5, { closesAt: 2_000 * second })
    core.now = 2_000 * second
    expect(outcomes(core, request("alice"))).toEqual(["sale-closed"])
    expect(core.run({ kind: "open", skuNo: 1 }, [1]).refused).toBe("sale-closed")
  })

  test("opening, halting and resuming twice changes nothing the second time", () => {
    const core = given(5, { status: "draft" })
    for (const [kind, entry] of [
      ["open", "opened"],
      ["halt", "halted"],
      ["resume", "resumed"],
    ] as const) {
      expect(kinds(core.run({ kind, skuNo: 1 }, [1]))).toEqual([entry])
      expect(kinds(core.run({ kind, skuNo: 1 }, [1]))).toEqual([])
    }
  })

  test("a sale says when its status changes next", () => {
    const at = (sale: Partial<SkuSale>, now: number) => saleStatusChangesAt({ ...skuSale, ...sale }, now)
    const skuSale = given(5).skus.get(1) as SkuSale
    expect(at({ status: "draft", opensAt: 10, closesAt: 20 }, 9)).toBe(10)
    expect(at({ status: "draft", opensAt: 10, closesAt: 20 }, 10)).toBe(20)
    expect(at({ status: "draft", opensAt: 30, closesAt: 20 }, 9)).toBe(20)
    expect(at({ status: "open", opensAt: 10, closesAt: 20 }, 9)).toBe(20)
    expect(at({ status: "open", closesAt: 20 }, 20)).toBeUndefined()
    expect(at({ status: "draft" }, 9)).toBeUndefined()
  })

  test("a halted sale still decides accepted requests", () => {
    expect(outcomes(given(5, { mode: "halted" }), request("alice"))).toEqual(["reserved"])
  })
})

describe("released units", () => {
  test("a released unit goes to the waitlist before a newer request of the same batch", () => {
    const core = given(1, { waitlistLimit: 5 })
    core.reserve([request("alice"), request("bob", { wait: true })])
    core.now += 121 * second
    const allocation = core.reserve([request("carol")])
    expect(allocation.answers.map(({ reservation }) => reservation.outcome)).toEqual(["sold-out"])
    expect(core.reservations.get("bob-k")?.state).toBe("RESERVED")
    expect(kinds(allocation)).toEqual(["expired", "promoted", "decided"])
  })

  test("the earliest entry that fits is served, not the earliest of all", () => {
    const core = given(2, { waitlistLimit: 5, perUserLimit: 2 })
    core.reserve([
      request("alice", { key: "a" }),
      request("alice", { key: "b" }),
      request("bob", { quantity: 2, wait: true }),
      request("carol", { wait: true }),
    ])
    core.run({ kind: "cancel", reservationId: "alice-a", userId: users.alice }, [1])
    expect([core.reservations.get("bob-k")?.state, core.reservations.get("carol-k")?.state]).toEqual(["WAITLISTED", "RESERVED"])
  })

  test("a promoted hold runs its full time from the promotion", () => {
    const core = given(1, { waitlistLimit: 1 })
    core.reserve([request("alice"), request("bob", { wait: true })])
    core.now += 500 * second
    core.run({ kind: "expire" }, [1])
    expect(core.reservations.get("bob-k")?.expiresAt).toBe(core.now + 120 * second)
  })

  test("an entry that is cancelled is not served by the same transaction", () => {
    const core = given(1, { waitlistLimit: 2 })
    core.reserve([request("alice"), request("bob", { wait: true })])
    core.now += 121 * second
    core.run({ kind: "cancel", reservationId: "bob-k", userId: users.bob }, [1])
    expect(core.reservations.get("bob-k")?.state).toBe("CANCELLED")
    expect(core.sku(1).balances).toEqual({ total: 1, reserved: 0, sold: 0, waitlisted: 0 })
  })

  test("closing lets every entry of the waitlist lapse and keeps every hold", () => {
    const core = given(1, { waitlistLimit: 5 })
    core.reserve([request("alice"), request("bob", { wait: true })])
    core.run({ kind: "close", skuNo: 1 }, [1])
    core.run({ kind: "expire" }, [1])
    expect([core.reservations.get("alice-k")?.state, core.reservations.get("bob-k")?.state]).toEqual(["RESERVED", "LAPSED"])
  })

  test("an overdue hold cannot be cancelled any more", () => {
    const core = given(1)
    core.reserve([request("alice")])
    core.now += 120 * second
    expect(core.run({ kind: "cancel", reservationId: "alice-k", userId: users.alice }, [1]).refused).toBe("not-cancellable")
    expect(core.reservations.get("alice-k")?.state).toBe("EXPIRED")
  })

  test("a shopper cannot cancel the reservation of another", () => {
    const core = given(1)
    core.reserve([request("alice")])
    expect(core.run({ kind: "cancel", reservationId: "alice-k", userId: users.bob }, [1]).refused).toBe("not-cancellable")
  })

  test("a recall never takes reserved or sold units", () => {
    const core = given(2)
    core.reserve([request("alice")])
    expect(core.run({ kind: "restock", skuNo: 1, quantity: -2 }, [1]).refused).toBe("below-committed")
    expect(core.run({ kind: "restock", skuNo: 1, quantity: -1 }, [1]).refused).toBeUndefined()
    expect(core.sku(1).balances.total).toBe(1)
  })
})

describe("orders", () => {
  const withOrder = (status: "PENDING_CAPTURE" | "PAID") => {
    const core = given(1, { waitlistLimit: 1 })
    core.reserve([request("alice"), request("bob", { wait: true })])
    const alice = core.reservations.get("alice-k")
    if (alice) core.reservations.set("alice-k", { ...alice, state: "CONFIRMED" })
    core.skus.set(1, { ...core.sku(1), balances: { total: 1, reserved: 0, sold: 1, waitlisted: 1 } })
    core.orders.set("o", {
      orderId: "o",
      reservationId: "alice-k",
      skuNo: 1,
      quantity: 1,
      amountMinor: 500,
      refundedMinor: 0,
      status,
    })
    return core
  }

  test("a failed capture gives the unit to the waitlist, once", () => {
    const core = withOrder("PENDING_CAPTURE")
    expect(kinds(core.run({ kind: "revoke", orderId: "o", as: "payment_failed" }, [1]))).toEqual(["payment_failed", "promoted"])
    expect(core.run({ kind: "revoke", orderId: "o", as: "payment_failed" }, [1]).refused).toBe("not-payable")
    expect(core.sku(1).balances).toEqual({ total: 1, reserved: 1, sold: 0, waitlisted: 0 })
  })

  /** A refund on record, and its outcome at the provider. */
  const refund = (core: MemorySale, refundId: string, amountMinor: number, returnUnit = true) => {
    core.refunds.set(refundId, { refundId, orderId: "o", amountMinor, state: "REQUESTED", returnUnit })
    return core.run({ kind: "refund", orderId: "o", refundId, as: "succeeded" }, [1])
  }
  const fail = (core: MemorySale, refundId: string) =>
    core.run({ kind: "refund", orderId: "o", refundId, as: "failed", failureCode: "expired_or_canceled_card" }, [1])

  test("a payment is entered once, and only a paid order is refunded", () => {
    const core = withOrder("PENDING_CAPTURE")
    expect(refund(core, "r", 500).refused).toBe("not-refundable")
    expect(kinds(core.run({ kind: "paid", orderIds: ["o"] }, [1]))).toEqual(["paid"])
    expect(core.run({ kind: "paid", orderIds: ["o"] }, [1]).refused).toBe("not-payable")
    expect(kinds(refund(core, "r", 500))).toEqual(["refunded", "promoted"])
    expect(core.orders.get("o")).toMatchObject({ status: "REFUNDED", refundedMinor: 500 })
    expect(core.run({ kind: "refund", orderId: "o", refundId: "r", as: "succeeded" }, [1]).refused).toBe("not-refundable")
    expect(core.sku(1).balances).toEqual({ total: 1, reserved: 1, sold: 0, waitlisted: 0 })
  })

  test("a partial refund leaves the order paid and the unit sold; the refund of the rest returns the unit, once", () => {
    const core = withOrder("PAID")
    expect(kinds(refund(core, "part", 200))).toEqual(["partly_refunded"])
    expect(core.orders.get("o")).toMatchObject({ status: "PAID", refundedMinor: 200 })
    expect(core.sku(1).balances).toMatchObject({ sold: 1, waitlisted: 1 })
    expect(kinds(refund(core, "rest", 300))).toEqual(["refunded", "promoted"])
    expect(core.orders.get("o")).toMatchObject({ status: "REFUNDED", refundedMinor: 500 })
  })

  test("a refund that keeps the unit leaves it sold, and nobody is promoted", () => {
    const core = withOrder("PAID")
    expect(kinds(refund(core, "r", 500, false))).toEqual(["refunded_kept"])
    expect(core.orders.get("o")?.status).toBe("REFUNDED")
    expect(core.sku(1).balances).toMatchObject({ sold: 1, waitlisted: 1 })
  })

  test("a refund that fails before it succeeded changes nothing; one that fails later takes its money back, and no unit", () => {
    const core = withOrder("PAID")
    core.refunds.set("early", { refundId: "early", orderId: "o", amountMinor: 500, state: "PENDING", returnUnit: true })
    expect(kinds(fail(core, "early"))).toEqual([])
    expect(core.orders.get("o")).toMatchObject({ status: "PAID", refundedMinor: 0 })
    refund(core, "late", 500)
    expect(kinds(fail(core, "late"))).toEqual(["refund_failed"])
    expect(fail(core, "late").refused).toBe("not-refundable")
    expect(core.orders.get("o")).toMatchObject({ status: "REFUNDED", refundedMinor: 0 })
    expect(core.sku(1).balances).toMatchObject({ reserved: 1, sold: 0 })
    expect(kinds(refund(core, "again", 500))).toEqual(["partly_refunded"])
    expect(core.sku(1).balances).toMatchObject({ reserved: 1, sold: 0 })
  })

  test("payments of many orders are one entry, in which each order counts once and no order that was paid before", () => {
    const core = withOrder("PENDING_CAPTURE")
    const [first] = core.orders.values()
    for (const id of ["p", "q"]) if (first) core.orders.set(id, { ...first, orderId: id, reservationId: `${id}-k` })
    core.run({ kind: "paid", orderIds: ["q"] }, [1])
    const { changes, orders } = core.run({ kind: "paid", orderIds: ["o", "p", "o", "q", "unknown"] }, [1])
    expect(orders).toEqual({ ids: ["o", "p"], status: "PAID" })
    expect(changes.flatMap(({ entries }) => entries)).toEqual([
      expect.objectContaining({ kind: "paid", moved: ["alice-k", "p-k"], amount: 1_000 }),
    ])
    expect([...core.orders.values()].map(({ status }) => status)).toEqual(["PAID", "PAID", "PAID"])
  })
})

test("a refusal keeps 32 bits of the user and nothing else", () => {
  const core = given(0)
  core.reserve([request("alice")])
  const refused = core.reservations.get("alice-k")
  expect(refused?.userId).toBeUndefined()
  expect(refused?.owner).toBe(ownerOf(users.alice))
})
