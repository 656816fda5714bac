import { expect, test } from "vitest"
import type { Answered, Played } from "../../loadtest/fairness/play.ts"
import { population } from "../../loadtest/fairness/population.ts"
import { type CohortResult, ratiosOf, resultOf } from "../../loadtest/fairness/result.ts"
import { seededRandom } from "../../loadtest/rehearsal/random.ts"
import { goodHoldSales } from "./given-hold-sales.ts"

const plansOf = (seed: number) => population.map((cohort) => cohort.plan({ random: seededRandom(seed), seconds: 30, scale: 0.1 }))

test("the same seed plans the same population, and another seed plans another one", () => {
  expect(plansOf(1)).toEqual(plansOf(1))
  expect(plansOf(1)).not.toEqual(plansOf(2))
})

test("each cohort has its own names and addresses; a key belongs to one account", () => {
  expect(new Set(population.map(({ name }) => name)).size).toBe(population.length)
  const owners = new Map<string, number>()
  const accounts = new Map<string, string>()
  for (const [cohort, asks] of plansOf(1).entries()) {
    for (const { edge, key, account } of asks) {
      expect(owners.get(edge.address) ?? cohort).toBe(cohort)
      owners.set(edge.address, cohort)
      expect(accounts.get(key) ?? account.name).toBe(account.name)
      accounts.set(key, account.name)
    }
  }
})

test("some cohorts of people and some of scripts are held out, and a small run has every kind", () => {
  for (const hostile of [true, false]) {
    for (const heldOut of [true, false]) {
      expect(population.filter((cohort) => cohort.hostile === hostile && cohort.heldOut === heldOut).length).toBeGreaterThan(1)
    }
  }
  for (const cohort of population) {
    expect(cohort.plan({ random: seededRandom(3), seconds: 30, scale: 0.01 }).length, cohort.name).toBeGreaterThan(0)
  }
})

const cohortResult = (more: Partial<CohortResult>): CohortResult => ({
  ...{ name: "some", hostile: true, held_out: false, requests: 100, refused: 95, units_won: 1, answers: {} },
  ...more,
})

test("a cohort counts by its requests, and refusals of people and of scripts are counted apart", () => {
  const results = [cohortResult({}), cohortResult({ requests: 300, refused: 300 }), cohortResult({ hostile: false, refused: 1 })]
  expect(ratiosOf(results)).toEqual({ hostile_refused_ratio: 395 / 400, good_refused_ratio: 0.01 })
})

/** A run in which every actor had one answer, chosen by their cohort. */
function playedWith(answerOf: (hostile: boolean) => Pick<Answered, "refused" | "trouble">): Played {
  return {
    answered: population.map((cohort) => ({ cohort, answer: "some", ...answerOf(cohort.hostile) })),
    stories: new Map(),
    unread: [],
    stats: {
      ...{ sku_id: "s", status: "open", mode: "batch", total: 5, available: 5, reserved: 0, sold: 0, waitlisted: 0 },
      ...{
        decisions: { reserved: 0, waitlisted: 0, refused: {} },
        backlog: 0,
        partition_backlog: 0,
        watermark: 0,
        ledger_seq: 0,
      },
    },
    verification: { ok: true, checks: [] },
    holdSales: goodHoldSales,
    latestMs: 0,
  }
}
const failedOf = (played: Played) => resultOf(played, population, 5).checks.flatMap(({ name, ok }) => (ok ? [] : [name]))
const fine = { refused: false, trouble: false }
const refused = { refused: true, trouble: false }

test("a run is good when scripts are refused and people are not, and says which target it missed", () => {
  expect(failedOf(playedWith((hostile) => (hostile ? refused : fine)))).toEqual([])
  expect(failedOf(playedWith(() => fine))).toEqual(["at least 95.00 % of hostile requests are refused"])
  expect(failedOf(playedWith(() => refused))).toEqual([
    "at most 1.00 % of people's requests are refused",
    "the same of people in the held-out population",
  ])
})

test("requests without an answer are not refusals: a run with many of them fails", () => {
  expect(failedOf(playedWith((hostile) => (hostile ? refused : { refused: false, trouble: true })))).toEqual([
    "at least 99.00 % of all requests get an answer",
  ])
})

test("requests at the sales with short holds belong to no cohort and no ratio; their checks count", () => {
  const played = playedWith((hostile) => (hostile ? refused : fine))
  const result = resultOf(played, population, 5)
  expect(result).toMatchObject({ hostile_refused_ratio: 1, good_refused_ratio: 0, ok: true })
  expect(result.cohorts.map(({ name }) => name)).toEqual(population.map(({ name }) => name))
  expect(result.hold_sales.map(({ max_unpaid_holds }) => max_unpaid_holds)).toEqual([2, 1_000])
  const { limited } = goodHoldSales
  expect(resultOf({ ...played, holdSales: { limited, lifted: limited } }, population, 5).ok).toBe(false)
})
