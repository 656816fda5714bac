import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type AttemptStatus,
  type CheckoutFacts,
  type CheckoutStep,
  checkoutHashOf,
  nextStep,
  type PaymentAttempt,
} from "../../core/domain/checkout.ts"
import type { State } from "../../core/domain/reservation.ts"

const visa = checkoutHashOf("pm_card_visa")
const mastercard = checkoutHashOf("pm_card_mastercard")

const attempt = (status: AttemptStatus, more: Partial<PaymentAttempt> = {}): PaymentAttempt => ({
  attemptId: "5f8c2f0e-7a39-5d51-9f0f-1d6b60e31f4e",
  status,
  bodyHash: visa,
  amountMinor: 4_200,
  currency: "EUR",
  settled: false,
  ...more,
})

const given = (
  state: State,
  more: Partial<CheckoutFacts> & { overdue?: boolean; outcome?: CheckoutFacts["reservation"]["outcome"] } = {},
) => {
  const { overdue = false, outcome = state === "REFUSED" ? "sold-out" : "reserved", ...facts } = more
  const all: CheckoutFacts = { reservation: { state, outcome, overdue }, otherAttemptOpen: false, ...facts }
  return {
    whenPaidWith: (bodyHash: number) => ({ next: (step: CheckoutStep) => expect(nextStep(all, bodyHash)).toEqual(step) }),
  }
}

describe("a hold in time", () => {
  test("is paid by recording the attempt first", () => {
    given("RESERVED").whenPaidWith(visa).next({ kind: "record" })
  })
  test("has the recorded attempt authorised, also when a call before died there", () => {
    const open = attempt("OPEN")
    given("RESERVED", { attempt: open }).whenPaidWith(visa).next({ kind: "authorise", attempt: open })
  })
  test("is confirmed once the money is held", () => {
    given("RESERVED", { attempt: attempt("AUTHORISED", { providerRef: "pi_1" }) })
      .whenPaidWith(visa)
      .next({ kind: "confirm" })
  })
  test("answers a declined key with the same decline again", () => {
    given("RESERVED", { attempt: attempt("DECLINED", { declineCode: "card_declined", settled: true }) })
      .whenPaidWith(visa)
      .next({ kind: "declined", code: "card_declined" })
  })
  test("is not paid twice at once: another key waits for the open one", () => {
    given("RESERVED", { otherAttemptOpen: true }).whenPaidWith(visa).next({ kind: "refuse", reason: "payment-in-progress" })
  })
})

describe("a hold that has ended", () => {
  test("is expired by the checkout that notices, before it answers", () => {
    given("RESERVED", { overdue: true }).whenPaidWith(visa).next({ kind: "expire" })
  })
  test("is expired even when its payment is authorised: lateness beats money", () => {
    given("RESERVED", { overdue: true, attempt: attempt("AUTHORISED", { providerRef: "pi_1" }) })
      .whenPaidWith(visa)
      .next({ kind: "expire" })
  })
  test("has its open attempt abandoned before anything is given back", () => {
    for (const status of ["OPEN", "ACTION_REQUIRED", "AUTHORISED"] as const) {
      given("EXPIRED", { attempt: attempt(status) })
        .whenPaidWith(visa)
        .next({ kind: "abandon" })
    }
  })
  test("gives the abandoned payment back, then says why it lost", () => {
    given("CANCELLED", { attempt: attempt("ABANDONED", { providerRef: "pi_1" }) })
      .whenPaidWith(visa)
      .next({ kind: "give-back", ref: "pi_1", ending: { kind: "refuse", reason: "reservation-cancelled" } })
  })
  test("gives back nothing twice", () => {
    given("EXPIRED", { attempt: attempt("ABANDONED", { providerRef: "pi_1", settled: true }) })
      .whenPaidWith(visa)
      .next({ kind: "refuse", reason: "reservation-expired" })
  })
  test("answers as what it became", () => {
    given("EXPIRED").whenPaidWith(visa).next({ kind: "refuse", reason: "reservation-expired" })
    given("CANCELLED").whenPaidWith(visa).next({ kind: "refuse", reason: "reservation-cancelled" })
    given("LAPSED").whenPaidWith(visa).next({ kind: "refuse", reason: "sale-closed" })
    given("WAITLISTED").whenPaidWith(visa).next({ kind: "refuse", reason: "not-decided-yet" })
    given("REFUSED", { outcome: "user-limit-reached" }).whenPaidWith(visa).next({ kind: "refuse", reason: "user-limit-reached" })
  })
})

describe("a sale", () => {
  test("is answered with its order, whatever the key", () => {
    given("CONFIRMED").whenPaidWith(visa).next({ kind: "order" })
    given("CONFIRMED", { attempt: attempt("CONFIRMED", { settled: true }) })
      .whenPaidWith(visa)
      .next({ kind: "order" })
  })
  test("gives a second payment back that lost the race to the first", () => {
    given("CONFIRMED", { attempt: attempt("AUTHORISED") })
      .whenPaidWith(visa)
      .next({ kind: "abandon" })
    given("CONFIRMED", { attempt: attempt("ABANDONED", { providerRef: "pi_2" }) })
      .whenPaidWith(visa)
      .next({ kind: "give-back", ref: "pi_2", ending: { kind: "order" } })
  })
})

const states: readonly State[] = ["REFUSED", "RESERVED", "WAITLISTED", "CONFIRMED", "EXPIRED", "CANCELLED", "LAPSED"]
const statuses: readonly AttemptStatus[] = ["OPEN", "ACTION_REQUIRED", "AUTHORISED", "DECLINED", "ABANDONED"]
const anyFacts = fc
  .record({
    state: fc.constantFrom(...states),
    overdue: fc.boolean(),
    otherAttemptOpen: fc.boolean(),
    attempt: fc.option(
      fc.record({ status: fc.constantFrom(...statuses), ref: fc.option(fc.constant("pi_1")), settled: fc.boolean() }),
    ),
  })
  .map(
    ({ state, overdue, otherAttemptOpen, attempt: own }): CheckoutFacts => ({
      reservation: { state, overdue, outcome: state === "REFUSED" ? "sold-out" : "reserved" },
      otherAttemptOpen,
      ...(own && { attempt: attempt(own.status, { settled: own.settled, ...(own.ref && { providerRef: own.ref }) }) }),
    }),
  )

test("the same key with another payment method changes nothing, whatever the facts", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      fc.pre(facts.attempt !== undefined)
      expect(nextStep(facts, mastercard)).toEqual({ kind: "refuse", reason: "idempotency-key-reused" })
    }),
  )
})

test("money moves only for a hold in time, and is given back only for an abandoned attempt of a hold that ended", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = nextStep(facts, visa)
      const inTime = facts.reservation.state === "RESERVED" && !facts.reservation.overdue
      if (step.kind === "authorise" || step.kind === "confirm" || step.kind === "record") expect(inTime).toBe(true)
      if (step.kind === "abandon" || step.kind === "give-back") expect(facts.reservation.state).not.toBe("RESERVED")
      if (step.kind === "give-back") expect(facts.attempt).toMatchObject({ status: "ABANDONED", settled: false })
    }),
  )
})
