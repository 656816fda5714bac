import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decide } from "../../../core/domain/decide.ts"
import { forgetsExpiredHolds, lapsesLeftEntries } from "../../sale/faulty-allocations.ts"
import { anyHistory, anySale, type History, playHistory, playWithLag } from "./given-history.ts"

const runs = { numRuns: 3_000 }
/** The properties take seconds on a busy machine. */
const timeoutMs = 60_000

/** A planted bug: a sale closes only by a command. */
const ignoresTheClosingTime: typeof decide = (command, state, now) => {
  const skus = new Map([...state.skus].map(([skuNo, { closesAt: _, ...sale }]) => [skuNo, sale]))
  return decide(command, { ...state, skus }, now)
}

/** A planted bug: a hold can be cancelled at its end. */
const cancelsOverdue: typeof decide = (command, state, now) =>
  decide(command, command.kind === "cancel" ? { ...state, overdue: new Map() } : state, now - 1)

const property = (decideWith?: typeof decide) =>
  fc.property(anySale, anyHistory, (sale, history) => {
    playHistory(sale, history, decideWith)
  })

describe("every command at every moment around opening, closing and the ends of holds", () => {
  test(
    "gives the result of the reference model, and none throws",
    () => {
      fc.assert(property(), runs)
    },
    timeoutMs,
  )

  test(
    "throws nothing and keeps all counters right when a deadline passes between the loads and the reading of the clock",
    () => {
      fc.assert(
        fc.property(anySale, anyHistory, fc.integer({ min: 1, max: 2 }), (sale, history, lagMicros) =>
          playWithLag(sale, history, lagMicros),
        ),
        runs,
      )
    },
    timeoutMs,
  )

  test.each([
    ["an entry that lapses and is cancelled leaves the waitlist twice", lapsesLeftEntries],
    ["a sale does not close by itself", ignoresTheClosingTime],
    ["holds that ran out are forgotten", forgetsExpiredHolds],
    ["a hold may be cancelled when it is over", cancelsOverdue],
  ])(
    "a core with a planted bug is found: %s",
    (_, mistaken) => {
      expect(() => fc.assert(property(mistaken), { ...runs, seed: 1, endOnFailure: true })).toThrow()
    },
    timeoutMs,
  )
})

describe("an entry of the waitlist is cancelled after the closing time, before a transaction has closed the sale", () => {
  const sale = { total: 1, perUserLimit: 1, waitlistLimit: 3, maxUnpaidHolds: 2, holdSeconds: 100, closesAt: 1_000_000_010 }
  const ask = (id: number) => ({ id, user: id, quantity: 1, joinWaitlist: true })
  const waits: History = [{ act: { kind: "allocate", requests: [ask(0), ask(1), ask(2)] }, moment: { later: 0 } }]

  test("it is cancelled, and the others lapse", () => {
    const core = playHistory(sale, [...waits, { act: { kind: "cancel", id: 1 }, moment: { around: "closing", by: 0 } }])
    expect([...core.reservations.values()].map(({ state }) => state)).toEqual(["RESERVED", "CANCELLED", "LAPSED"])
  })

  test("the bug of the earlier version fails this test", () => {
    const cancels: History = [...waits, { act: { kind: "cancel", id: 1 }, moment: { around: "closing", by: 0 } }]
    expect(() => playHistory(sale, cancels, lapsesLeftEntries)).toThrow()
  })
})
