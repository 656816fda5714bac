import { expect, test } from "vitest"
import { checkRehearsal } from "../../../loadtest/rehearsal/checks.ts"
import { loadOf } from "../../../loadtest/rehearsal/load.ts"
import { machineOf, measureEffort } from "../../../loadtest/rehearsal/machine.ts"
import { outcomesOf } from "../../../loadtest/rehearsal/outcomes.ts"
import { type Report, reportText } from "../../../loadtest/rehearsal/report.ts"
import { serviceLevelsOf } from "../../../loadtest/rehearsal/service-levels.ts"
import { createTally } from "../../../loadtest/rehearsal/tally.ts"
import { aShopper, payer, refused, told, winner } from "./given-story.ts"

const stories = [
  payer(1, 0),
  winner(2, 1, 10, { cancelled: true, cancelSentAtMs: 20, timesAsked: 2, heard: [told("RESERVED", 10), told("CANCELLED", 20)] }),
  aShopper(3, 2, [told("WAITLISTED", 5), told("RESERVED", 60)], { final: told("EXPIRED", 90) }),
  refused(4, 3),
  aShopper(5, undefined, [told("REFUSED", 5, { decided: false, reason: "sold-out" })]),
  aShopper(6, undefined, [], { timesAsked: 0 }),
]

const report = (): Report => {
  const tally = createTally()
  tally.answered("reserve", { kind: "answer", status: 201, body: {} }, 12)
  tally.answered("checkout", { kind: "failed", error: "ECONNRESET" }, 3)
  const evidence = { stock: 2, holdSeconds: 10, stories, tally: tally.summary(), unread: [] }
  return {
    at: "2026-11-27T09:00:00.000Z",
    skuId: "rehearsal-1",
    options: { url: "http://shop", shoppers: 6, stock: 2, holdSeconds: 10, peakPerSecond: 5, seed: 1, edge: true },
    machine: machineOf(),
    effort: measureEffort()(),
    mintedPerSecond: 1,
    seconds: 1,
    writerPeakPerSecond: 1,
    outcomes: outcomesOf(stories),
    tally: tally.summary(),
    serviceLevels: serviceLevelsOf(tally.summary()),
    load: loadOf({ ...measureEffort()(), machineBusyShare: 0.5 }, { due: 6, answered: 6 }, 1),
    firstPhaseShare: 0.8,
    firstPhaseSeconds: 10.1,
    checks: checkRehearsal(evidence),
    ok: false,
  }
}

test("each shopper's outcome is counted once", () => {
  expect(outcomesOf(stories)).toEqual({
    shoppers: 6,
    onlyLooked: 1,
    won: 2,
    waitlisted: 1,
    promoted: 1,
    refused: { "sold-out": 1 },
    turnedAway: { "sold-out": 1 },
    unanswered: 0,
    paid: 1,
    declined: 0,
    cancelled: 1,
    expired: 1,
    askedAgain: 1,
    answeredAlike: 1,
  })
})

test("the report shows outcomes, latencies, errors by type, and each failed check with its violations", () => {
  const text = reportText(report())
  for (const line of [
    /won a unit +2/,
    /refused \(not decided\) sold-out +1/,
    /request to decision +0/,
    /reserve +1 +12\.0 +12\.0/,
    /checkout: failed ECONNRESET +1/,
    /FAIL {2}at least 99 %/,
    /50\.00 % of 2 requests/,
    /FAILED: see/,
  ]) {
    expect(text).toMatch(line)
  }
})

test("of a deployed system the report names what it could not measure; of a local one it leaves nothing out", () => {
  const { options } = report()
  const elsewhere = reportText({ ...report(), options: { ...options, edge: false, tokensFile: "tokens.jsonl" } })
  expect(elsewhere).toMatch(/the generator; the system is at http:\/\/shop/)
  expect(elsewhere).toMatch(
    /Skipped, because the system is a deployed one\n +logging in.*\n +the simulated edge.*\n +the load of the system's machines/,
  )
  expect(elsewhere).not.toMatch(/generator included|looks answered by the edge|a simulated edge of|NaN|undefined/)
  expect(reportText(report())).not.toMatch(/Skipped/)
})

test("a long list of violations is cut, and the report says so", () => {
  const violations = Array.from({ length: 12 }, (_, index) => `violation ${index}`)
  const text = reportText({ ...report(), checks: [{ name: "fifo", ok: false, violations }] })
  expect(text).toMatch(/violation 4\n +and 7 more/)
})

test("the report ends with the service levels, the reference sale, the machine, and the verdict of the checks", () => {
  const text = reportText(report())
  const order = [
    /NFR-2 +from the request .* 120 ms +- +not measured/,
    /NFR-3 +a checkout.* 450 ms +3\.0 ms +met/,
    /arrivals a second at the peak, as planned +5 +25,000/,
    /first answer that all units are taken +- +25\.0 s/,
    /The machine kept up: the load generator was 1 ms late/,
    /FAILED: see/,
  ].map((line) => text.search(line))
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

test("a level that is missed is shown as missed, with its figure", () => {
  const tally = createTally()
  for (let count = 0; count < 90; count += 1) tally.decided(10)
  for (let count = 0; count < 10; count += 1) tally.decided(500)
  const text = reportText({ ...report(), serviceLevels: serviceLevelsOf(tally.summary()) })
  expect(text).toMatch(/NFR-2 .* 120 ms +50\d\.\d ms +MISSED/)
})

test("an overload is shown as an overload, and its figures are not those of the system", () => {
  const load = loadOf({ ...measureEffort()(), machineBusyShare: 0.99, runQueuePerCore: 6.34 }, { due: 100, answered: 70 }, 312)
  expect(reportText({ ...report(), load })).toMatch(
    /THE MACHINE WAS OVERLOADED: the load generator was 312 ms late .*99 % busy, 6\.3 threads .*70 % of the requests.* not the system/,
  )
})
