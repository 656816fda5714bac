import { expect, test } from "vitest"
import { type Account, addressOf } from "../../loadtest/fairness/cohort.ts"
import { holdSalesText } from "../../loadtest/fairness/hold-report.ts"
import { checksOfHolds, holdSaleResult, hostileShareOf } from "../../loadtest/fairness/hold-result.ts"
import type { PlayedHoldSales } from "../../loadtest/fairness/hold-sales.ts"
import { holdPopulation, population } from "../../loadtest/fairness/population.ts"
import { seededRandom } from "../../loadtest/rehearsal/random.ts"
import { goodHoldSales, holdSaleTerms, playedHoldSale } from "./given-hold-sales.ts"
import { payer, winner } from "./rehearsal/given-story.ts"

const plot = (seed: number, sale: number, scale: number) => ({
  ...{ random: seededRandom(seed), seconds: 100, scale, holdSeconds: 10, sale },
})
const plansOf = (seed: number, sale = 0, scale = 0.1) => holdPopulation.map((cohort) => cohort.plan(plot(seed, sale, scale)))

test("the same seed plans the same sale with short holds, another seed plans another; both sales have the same plan", () => {
  expect(plansOf(1)).toEqual(plansOf(1))
  expect(plansOf(1)).not.toEqual(plansOf(2))
  const withoutAddress = (sale: number) => plansOf(1, sale).map((own) => own.map(({ edge: _, ...planned }) => planned))
  expect(withoutAddress(0)).toEqual(withoutAddress(1))
})

test("accounts at the sales with short holds have their own addresses, at the largest scale, too", () => {
  const ofPopulation = population.flatMap((cohort) => cohort.plan({ random: seededRandom(1), seconds: 30, scale: 0.1 }))
  const ofHolds = [0, 1].flatMap((sale) => plansOf(1, sale, 10).flat())
  const addresses = new Set(ofHolds.map(({ edge }) => edge.address))
  expect(addresses.size).toBe(ofHolds.length)
  expect(ofPopulation.filter(({ edge }) => addresses.has(edge.address))).toEqual([])
  // The addresses of RFC 2544 end here.
  expect([...addresses].every((address) => address.startsWith("2001:db8:") || address.startsWith("198.19."))).toBe(true)
  expect(addressOf(2 ** 17 - 1)).toBe("198.19.255.255")
})

test("a hostile cohort never pays and starts at the opening; people come until the end, and some of them pay in time", () => {
  const [hostile = [], people = []] = plansOf(1, 0, 1)
  expect(holdPopulation.map((cohort) => cohort.hostile)).toEqual([true, false])
  expect(hostile).toHaveLength(100)
  expect(hostile.every(({ conduct, firstAskMs }) => conduct.kind === "never-pays" && firstAskMs < 1_000)).toBe(true)
  const arrivals = people.map(({ firstAskMs }) => firstAskMs)
  for (let tenth = 0; tenth < 10; tenth += 1) {
    expect(arrivals.filter((at) => at >= tenth * 10_000 && at < (tenth + 1) * 10_000).length).toBeGreaterThan(10)
  }
  const endings = people.map(({ conduct }) => (conduct.kind === "buys-once" ? conduct.ending : "none"))
  expect(new Set(endings)).toEqual(new Set(["pay", "vanish"]))
  expect(people.every(({ conduct }) => conduct.kind === "buys-once" && conduct.thinksMs < 5_000)).toBe(true)
})

test("no account that never pays is flagged for its age, because the sale measures the limit", () => {
  const accounts: Account[] = plansOf(1)[0]?.map(({ account }) => account) ?? []
  expect(accounts.every(({ tier, ageSeconds }) => tier === 4 && ageSeconds > 24 * 3_600)).toBe(true)
})

test("a hold counts for its length, a unit that was paid until the end, and nothing counts after it", () => {
  const never = [[winner(1, 1, 0), winner(2, 2, 15_000), winner(3, 3, 95_000)]]
  const people = [[payer(4, 4, 20_000)], [winner(5, 5, 40_000)], []]
  const result = holdSaleResult(playedHoldSale([never, people], 1), 2)
  expect(result.cohorts).toMatchObject([
    { hostile: true, accounts: 1, served: 1, paid: 0, unpaid_holds: 3, most_unpaid_holds: 3 },
    { hostile: false, accounts: 3, served: 2, paid: 1, unpaid_holds: 1, most_unpaid_holds: 1 },
  ])
  const [first, second] = result.cohorts.map(({ unit_time_share }) => unit_time_share * 200)
  expect([first, second]).toEqual([25, 90])
  expect(result.unused_share).toBeCloseTo(85 / 200)
  expect(hostileShareOf(result)).toBeCloseTo(25 / 200)
})

const failedOf = (sales: PlayedHoldSales) => {
  const results = { limited: holdSaleResult(sales.limited, 2), lifted: holdSaleResult(sales.lifted, 1_000) }
  return checksOfHolds(sales, results).flatMap(({ name, ok }) => (ok ? [] : [name.replace("unpaid holds: ", "")]))
}

test("the sales are good when the limit holds and makes a difference", () => {
  expect(failedOf(goodHoldSales)).toEqual([])
})

test("a third hold that is not paid fails the run, also of a person; one that is paid does not", () => {
  const [first, second, third] = [winner(1, 1, 0), winner(2, 2, 15_000), winner(3, 3, 30_000)]
  const fails = (stories: Parameters<typeof playedHoldSale>[0], sold = 0) =>
    failedOf({ ...goodHoldSales, limited: playedHoldSale(stories, sold) })
  expect(fails([[[first, second, third]], []])).toEqual(["no account has more than 2 of them"])
  expect(fails([[], [[first, second, third]]])).toEqual(["no account has more than 2 of them"])
  expect(fails([[], [[first, second, payer(3, 3, 30_000)]]], 1)).toEqual([])
})

test("a limit that makes no difference fails the run", () => {
  expect(failedOf({ ...goodHoldSales, lifted: goodHoldSales.limited })).toEqual([
    "with the limit, accounts that never pay have a smaller share of the unit-time",
  ])
})

test("a unit that was sold to nobody fails the run", () => {
  expect(failedOf({ ...goodHoldSales, lifted: { ...goodHoldSales.lifted, stats: goodHoldSales.limited.stats } })).toEqual([
    "units sold are units paid",
  ])
})

test("a sale whose requests were stopped by the rate limiter or by errors fails the run", () => {
  const [cohort] = goodHoldSales.limited.cohorts
  if (cohort === undefined) throw new Error("There is no cohort")
  const [key, played] = cohort
  const tally = { ...played.tally, requests: 100, businessAnswers: 98 }
  const cohorts = new Map([...goodHoldSales.limited.cohorts, [key, { ...played, tally }]])
  expect(failedOf({ ...goodHoldSales, limited: { ...goodHoldSales.limited, cohorts } })).toEqual([
    "at least 99.00 % of the requests get a business answer",
  ])
})

test("the table has a row for each cohort at each limit, and one for the unit-time of no cohort", () => {
  const { stock, holdSeconds } = holdSaleTerms
  const text = holdSalesText([holdSaleResult(goodHoldSales.limited, 2), holdSaleResult(goodHoldSales.lifted, 1_000)])
  expect(text).toContain(`${stock} units each, holds of ${holdSeconds} s`)
  expect(text).toMatch(/^2 +accounts that never pay +hostile .* 10\.0 %/m)
  expect(text).toMatch(/^1,000 +accounts that never pay +hostile .* 20\.0 %/m)
  expect(text).toMatch(/^1,000 +\(nobody\) +80\.0 %$/m)
})
