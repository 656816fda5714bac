import { describe, expect, test } from "vitest"
import { outOfTurn, passedOver, sharedPlaces, soldOutTooEarly } from "../../../loadtest/rehearsal/fairness.ts"
import { aShopper, orderOfShopper, payer, refused, told, winner } from "./given-story.ts"

const holdSeconds = 10

describe("sold out is answered only when every unit is taken", () => {
  test("as many winners as units precede the refused shopper", () => {
    expect(soldOutTooEarly([winner(1, 0), winner(2, 1), refused(3, 2)], 2)).toEqual([])
  })

  test("a shopper who is refused before the last unit is given is found", () => {
    expect(soldOutTooEarly([winner(1, 0), refused(3, 1), winner(2, 2)], 2)).toEqual([expect.stringContaining("shopper 3")])
  })

  test("a shopper who may have won may have had the unit: a winner without a certain position, one without an answer", () => {
    const repeated = winner(2, 9, 10, { timesAsked: 2 })
    expect(soldOutTooEarly([winner(1, 0), refused(3, 1), repeated], 2)).toEqual([])
    const unanswered = aShopper(4, undefined, [], { unanswered: new Set(["reserve"]) })
    expect(soldOutTooEarly([winner(1, 0), refused(3, 1), unanswered], 2)).toEqual([])
  })

  test("a refusal by admission proves nothing about the queue", () => {
    const turnedAway = aShopper(3, undefined, [told("REFUSED", 5, { decided: false, reason: "sold-out" })])
    expect(soldOutTooEarly([winner(1, 0), turnedAway], 5)).toEqual([])
  })
})

describe("first come, first served", () => {
  test("a later position wins a unit that was given back", () => {
    const cancelled = winner(1, 0, 10, { cancelSentAtMs: 100, cancelled: true })
    expect(outOfTurn([cancelled, refused(2, 1), winner(3, 2, 150)], holdSeconds)).toEqual([])
  })

  test("a later position that wins before any unit was given back is found", () => {
    const cancelled = winner(1, 0, 10, { cancelSentAtMs: 1_000, cancelled: true })
    expect(outOfTurn([cancelled, refused(2, 1), winner(3, 2, 150)], holdSeconds)).toEqual([expect.stringContaining("shopper 3")])
  })

  test("one release serves one shopper only", () => {
    const cancelled = winner(1, 0, 10, { cancelSentAtMs: 100, cancelled: true })
    const late = [winner(3, 2, 150), winner(4, 3, 160)]
    expect(outOfTurn([cancelled, refused(2, 1), ...late], holdSeconds)).toEqual([expect.stringContaining("shopper 4")])
  })

  test("the unit of an abandoned hold is available once the hold has ended, not before; a paid unit never is", () => {
    const lateWinner = (atMs: number) => payer(3, 2, atMs)
    expect(outOfTurn([winner(1, 0), refused(2, 1), lateWinner(10_000)], holdSeconds)).toEqual([])
    expect(outOfTurn([winner(1, 0), refused(2, 1), lateWinner(9_900)], holdSeconds)).toHaveLength(1)
    expect(outOfTurn([payer(1, 0), refused(2, 1), lateWinner(60_000)], holdSeconds)).toHaveLength(1)
  })

  test("an order that failed gives its unit back", () => {
    const order = orderOfShopper(1)
    const failed = winner(1, 0, 10, { order, orders: [{ ...order, status: "FAILED" }], checkoutSentAtMs: 50 })
    expect(outOfTurn([failed, refused(2, 1), payer(3, 2, 200)], holdSeconds)).toEqual([])
  })

  test("a promotion takes a release, too", () => {
    const promoted = aShopper(3, 2, [told("WAITLISTED", 20), told("RESERVED", 60)], { order: orderOfShopper(3) })
    expect(outOfTurn([payer(1, 0), promoted], holdSeconds)).toEqual([expect.stringContaining("shopper 3")])
    const cancelled = winner(1, 0, 10, { cancelSentAtMs: 30, cancelled: true })
    expect(outOfTurn([cancelled, promoted], holdSeconds)).toEqual([])
  })

  test("winners before the first refusal need no release, nor does a winner whose position is uncertain", () => {
    expect(outOfTurn([winner(1, 0), winner(2, 1), refused(3, 2)], holdSeconds)).toEqual([])
    const repeated = winner(2, 9, 10, { timesAsked: 2 })
    expect(outOfTurn([payer(1, 0), refused(3, 2), repeated], holdSeconds)).toEqual([])
  })
})

describe("the waitlist is served in its order", () => {
  const promoted = (number: number, offset: number) => aShopper(number, offset, [told("WAITLISTED", 5), told("RESERVED", 60)])
  const lapsed = (number: number, offset: number) => aShopper(number, offset, [told("WAITLISTED", 5), told("LAPSED", 90)])

  test("shoppers who waited in vain came after those who were served", () => {
    expect(passedOver([promoted(1, 3), promoted(2, 4), lapsed(3, 5)])).toEqual([])
  })

  test("a shopper who was passed over is found", () => {
    expect(passedOver([promoted(1, 3), lapsed(2, 4), promoted(3, 5)])).toEqual([expect.stringContaining("shopper 2")])
  })
})

test("a position belongs to one shopper, and all positions are in one partition", () => {
  expect(sharedPlaces([winner(1, 0), winner(2, 1)])).toEqual([])
  expect(sharedPlaces([winner(1, 0), winner(2, 0)])).toEqual(["shoppers 1 and 2 both have offset 0"])
  const elsewhere = aShopper(2, undefined, [told("RESERVED", 1, { place: { partition: 3, offset: 9 } })])
  expect(sharedPlaces([winner(1, 0), elsewhere])).toEqual(["receipts name the partitions 0, 3"])
})
