import { describe, expect, test } from "vitest"
import { type KnownPayment, type PaymentStatus, paymentDifference, tableDifferences } from "../../../core/domain/reconcile.ts"

const graceSeconds = 60
const unordered: KnownPayment = { isSettled: false }
const difference = (status: PaymentStatus, known: KnownPayment, ageSeconds = graceSeconds) =>
  paymentDifference(status, known, ageSeconds, graceSeconds)

describe("a payment", () => {
  test.each<[PaymentStatus, KnownPayment, string | undefined]>([
    ["captured", { ...unordered, attempt: "CONFIRMED", order: "PAID" }, undefined],
    ["captured", { ...unordered, attempt: "CONFIRMED", order: "REFUNDED" }, undefined],
    ["captured", { ...unordered, attempt: "CONFIRMED", order: "PENDING_CAPTURE" }, "captured-not-paid"],
    ["authorised", { ...unordered, attempt: "CONFIRMED", order: "PENDING_CAPTURE" }, "not-captured"],
    ["authorised", { ...unordered, attempt: "CONFIRMED", order: "PAID" }, "paid-without-capture"],
    ["void", { ...unordered, attempt: "CONFIRMED", order: "PAID" }, "paid-without-money"],
    ["authorised", unordered, "authorised-without-attempt"],
    ["captured", unordered, "captured-without-order"],
    ["void", unordered, undefined],
    ["authorised", { ...unordered, attempt: "ABANDONED" }, "abandoned-holds-money"],
    ["captured", { attempt: "ABANDONED", isSettled: true }, undefined],
    ["void", { ...unordered, attempt: "ABANDONED" }, undefined],
    ["authorised", { ...unordered, attempt: "AUTHORISED" }, undefined],
    ["action-required", { ...unordered, attempt: "ACTION_REQUIRED" }, undefined],
  ])("that is %s, with %j in the tables, differs as %s", (status, known, expected) => {
    expect(difference(status, known)).toBe(expected)
  })

  test("that is being made differs in nothing yet", () => {
    expect(difference("authorised", unordered, graceSeconds - 1)).toBeUndefined()
  })
})

test("the tables of a sale are compared only in what both know, and each difference says what each source says", () => {
  const figures = { total: 10, reserved: 2, sold: 3, seq: 7 }
  const same = {
    inventory: { ...figures, decided: 5, waitlisted: 0 },
    ledger: figures,
    reservations: { decided: 5, reserved: 2, sold: 3, waitlisted: 0, held: 5 },
    ...{ holdings: { held: 5 }, waitlist: { waitlisted: 0 }, orders: { sold: 3 }, isHead: true, overdue: 0 },
  }
  expect(tableDifferences(same)).toEqual([])
  const found = tableDifferences({
    ...same,
    ledger: { ...figures, sold: 4 },
    holdings: { held: 6 },
    orders: { sold: 2 },
    overdue: 1,
  })
  expect(found).toEqual([
    { kind: "ledger-differs", detail: "sold: inventory 3, ledger 4" },
    { kind: "holdings-differ", detail: "held: reservations 5, user_holdings 6" },
    { kind: "orders-differ", detail: "sold: inventory 3, orders 2" },
    { kind: "hold-overdue", detail: "1 holds have ended and are not expired" },
  ])
})
