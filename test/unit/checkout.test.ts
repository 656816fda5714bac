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
  test("authorises the recorded attempt, also when an earlier call ended at this point", () => {
    const open = attempt("OPEN")
    given("RESERVED", { attempt: open }).whenPaidWith(visa).next({ kind: "authorise", attempt: open })
  })
  test("asks the provider about a shopper who was sent there, and sends them there again while the provider waits for them", () => {
    const waiting = attempt("ACTION_REQUIRED", { providerRef: "pi_1" })
    given("RESERVED", { attempt: waiting }).whenPaidWith(visa).next({ kind: "retrieve", ref: "pi_1" })
    given("RESERVED", { attempt: waiting, actionUrl: "https://bank.test/1" })
      .whenPaidWith(visa)
      .next({ kind: "action-required", url: "https://bank.test/1" })
  })
  test("is confirmed when the money is held", () => {
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
  test("is expired by the checkout that finds it overdue, before it answers", () => {
    given("RESERVED", { overdue: true }).whenPaidWith(visa).next({ kind: "expire" })
  })
  test("is expired even when its payment is authorised: expiry wins over payment", () => {
    given("RESERVED", { overdue: true, attempt: attempt("AUTHORISED", { providerRef: "pi_1" }) })
      .whenPaidWith(visa)
      .next({ kind: "expire" })
  })
  test("has its open attempt abandoned before its payment is cancelled", () => {
    for (const status of ["OPEN", "ACTION_REQUIRED", "AUTHORISED"] as const) {
      given("EXPIRED", { attempt: attempt(status) })
        .whenPaidWith(visa)
        .next({ kind: "abandon" })
    }
  })
  test("cancels the abandoned payment, then answers with the reason", () => {
    given("CANCELLED", { attempt: attempt("ABANDONED", { providerRef: "pi_1" }) })
      .whenPaidWith(visa)
      .next({ kind: "cancel-payment", ref: "pi_1", ending: { kind: "refuse", reason: "reservation-cancelled" } })
  })
  test("does not cancel a payment twice", () => {
    given("EXPIRED", { attempt: attempt("ABANDONED", { providerRef: "pi_1", settled: true }) })
      .whenPaidWith(visa)
      .next({ kind: "refuse", reason: "reservation-expired" })
  })
  test("is refused with the reason of its state", () => {
    given("EXPIRED").whenPaidWith(visa).next({ kind: "refuse", reason: "reservation-expired" })
    given("CANCELLED").whenPaidWith(visa).next({ kind: "refuse", reason: "reservation-cancelled" })
    given("LAPSED").whenPaidWith(visa).next({ kind: "refuse", reason: "sale-closed" })
    given("WAITLISTED").whenPaidWith(visa).next({ kind: "refuse", reason: "not-decided-yet" })
    given("REFUSED", { outcome: "user-limit-reached" }).whenPaidWith(visa).next({ kind: "refuse", reason: "user-limit-reached" })
  })
})

describe("a sale", () => {
  test("gives its order as the answer, for every key", () => {
    given("CONFIRMED").whenPaidWith(visa).next({ kind: "order" })
    given("CONFIRMED", { attempt: attempt("CONFIRMED", { settled: true }) })
      .whenPaidWith(visa)
      .next({ kind: "order" })
  })
  test("cancels a second payment that lost the race to the first", () => {
    given("CONFIRMED", { attempt: attempt("AUTHORISED") })
      .whenPaidWith(visa)
      .next({ kind: "abandon" })
    given("CONFIRMED", { attempt: attempt("ABANDONED", { providerRef: "pi_2" }) })
      .whenPaidWith(visa)
      .next({ kind: "cancel-payment", ref: "pi_2", ending: { kind: "order" } })
  })
})

const states: readonly State[] = ["REFUSED", "RESERVED", "WAITLISTED", "CONFIRMED", "EXPIRED", "CANCELLED", "LAPSED"]
const statuses: readonly AttemptStatus[] = ["OPEN", "ACTION_REQUIRED", "AUTHORISED", "DECLINED", "ABANDONED"]
const anyFacts = fc
  .record({
    state: fc.constantFrom(...states),
    overdue: fc.boolean(),
    otherAttemptOpen: fc.boolean(),
    actionUrl: fc.option(fc.constant("https://bank.test/1")),
    attempt: fc.option(
      fc.record({ status: fc.constantFrom(...statuses), ref: fc.option(fc.constant("pi_1")), settled: fc.boolean() }),
    ),
  })
  .map(
    ({ state, overdue, otherAttemptOpen, actionUrl, attempt: own }): CheckoutFacts => ({
      reservation: { state, overdue, outcome: state === "REFUSED" ? "sold-out" : "reserved" },
      otherAttemptOpen,
      ...(actionUrl !== null && { actionUrl }),
      ...(own && { attempt: attempt(own.status, { settled: own.settled, ...(own.ref && { providerRef: own.ref }) }) }),
    }),
  )

test("the same key with another payment method changes nothing, for any facts", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      fc.pre(facts.attempt !== undefined)
      expect(nextStep(facts, mastercard)).toEqual({ kind: "refuse", reason: "idempotency-key-reused" })
    }),
  )
})

test("money moves only for a hold in time, and a payment is cancelled only for an abandoned attempt of a hold that ended", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = nextStep(facts, visa)
      const inTime = facts.reservation.state === "RESERVED" && !facts.reservation.overdue
      if (["authorise", "confirm", "record", "retrieve", "action-required"].includes(step.kind)) expect(inTime).toBe(true)
      if (step.kind === "abandon" || step.kind === "cancel-payment") expect(facts.reservation.state).not.toBe("RESERVED")
      if (step.kind === "cancel-payment") expect(facts.attempt).toMatchObject({ status: "ABANDONED", settled: false })
    }),
  )
})

test("a shopper stays at the provider while their hold and their attempt last, and the end of either one comes first", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = nextStep(facts, visa)
      const { reservation, attempt: own } = facts
      const waits = reservation.state === "RESERVED" && !reservation.overdue && own?.status === "ACTION_REQUIRED"
      if (step.kind === "action-required" || step.kind === "retrieve") expect(waits).toBe(true)
      if (!waits) return
      expect(nextStep({ ...facts, reservation: { ...reservation, overdue: true } }, visa)).toEqual({ kind: "expire" })
      for (const state of ["EXPIRED", "CANCELLED", "CONFIRMED"] as const) {
        expect(nextStep({ ...facts, reservation: { ...reservation, state } }, visa)).toEqual({ kind: "abandon" })
      }
      expect(nextStep({ ...facts, attempt: { ...own, status: "AUTHORISED" } }, visa)).toEqual({ kind: "confirm" })
      expect(nextStep({ ...facts, attempt: { ...own, status: "DECLINED" } }, visa).kind).toBe("declined")
    }),
  )
})

/** Events between the steps of a checkout whose shopper was sent to the provider, in any order. */
const events = fc.array(fc.constantFrom("confirm", "fail", "expire", "cancel", "call", "call", "call"), { maxLength: 12 })

test("after any events between its steps, a checkout at the provider ends with one sale or none, and without a sale no money is held", () => {
  fc.assert(
    fc.property(events, (story) => {
      const world = atTheProvider()
      for (const event of story) world.apply(event)
      world.apply("expire")
      world.apply("call")
      const { state, status, money, settled } = world.now()
      expect(["CONFIRMED", "EXPIRED", "CANCELLED"]).toContain(state)
      expect(state === "CONFIRMED").toBe(money === "held")
      expect(state === "CONFIRMED").toBe(status === "CONFIRMED")
      expect(settled).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

/** A reservation, its attempt and the provider in memory. Only the steps that the domain names change them. */
function atTheProvider() {
  let reservation: CheckoutFacts["reservation"] = { state: "RESERVED", outcome: "reserved", overdue: false }
  let own = attempt("ACTION_REQUIRED", { providerRef: "pi_1" })
  let money: "awaited" | "held" | "failed" | "void" = "awaited"

  const asked = () => {
    if (money === "held") own = { ...own, status: "AUTHORISED" }
    if (money === "failed") own = { ...own, status: "DECLINED", settled: true }
    return money === "awaited" ? { actionUrl: "https://bank.test/1" } : {}
  }
  function call(): void {
    let said: Pick<CheckoutFacts, "actionUrl"> = {}
    for (let steps = 0; ; steps += 1) {
      expect(steps).toBeLessThan(10)
      const step = nextStep({ reservation, attempt: own, otherAttemptOpen: false, ...said }, visa)
      said = {}
      if (step.kind === "retrieve") said = asked()
      else if (step.kind === "expire") reservation = { ...reservation, state: "EXPIRED", overdue: false }
      else if (step.kind === "abandon") own = { ...own, status: "ABANDONED" }
      else if (step.kind === "confirm") {
        reservation = { ...reservation, state: "CONFIRMED" }
        own = { ...own, status: "CONFIRMED", settled: true }
      } else {
        if (step.kind !== "cancel-payment") return
        money = "void"
        own = { ...own, settled: true }
        return
      }
    }
  }
  return {
    now: () => ({ state: reservation.state, status: own.status, settled: own.settled, money }),
    apply(event: string): void {
      const isHeld = reservation.state === "RESERVED"
      if (event === "call") call()
      if (event === "confirm" && money === "awaited") money = "held"
      if (event === "fail" && money === "awaited") money = "failed"
      if (event === "expire" && isHeld) reservation = { ...reservation, overdue: true }
      if (event === "cancel" && isHeld && !reservation.overdue) reservation = { ...reservation, state: "CANCELLED" }
    },
  }
}
