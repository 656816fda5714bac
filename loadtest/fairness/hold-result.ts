import type { Check } from "../rehearsal/checks.ts"
import { outOfTurn, sharedPlaces, soldOutTooEarly } from "../rehearsal/fairness.ts"
import { allocationOf, type Story } from "../rehearsal/story.ts"
import type { HoldCohort } from "./hold-cohort.ts"
import type { PlayedHoldCohort, PlayedHoldSale, PlayedHoldSales } from "./hold-sales.ts"

/** The share of the requests of these sales that must get a business answer; a refusal of the rate limiter is none. */
export const leastBusinessShare = 0.99

/** The result of a cohort at a sale with short holds; the names are those of `--json`. */
export interface HoldCohortResult {
  readonly name: string
  readonly hostile: boolean
  readonly accounts: number
  /** Requests for a unit. */
  readonly requests: number
  /** Accounts that got a unit at least once, and those that paid. */
  readonly served: number
  readonly paid: number
  /** Holds that were not paid: all, and those of the account that had most. */
  readonly unpaid_holds: number
  readonly most_unpaid_holds: number
  /** Seconds for which the cohort held or owned each unit, of the seconds of all units from the opening to the end. */
  readonly unit_time_share: number
  /** The number of each answer to a request for a unit. */
  readonly answers: Readonly<Record<string, number>>
}

/** The result of a sale with short holds. */
export interface HoldSaleResult {
  readonly max_unpaid_holds: number
  readonly stock: number
  readonly hold_seconds: number
  readonly cohorts: readonly HoldCohortResult[]
  /** The unit-time that no cohort has: units are available, or their hold has ended and the sweeper has not released them yet. */
  readonly unused_share: number
}

/** Counts the results of a sale with short holds. */
export function holdSaleResult(sale: PlayedHoldSale, maxUnpaidHolds: number): HoldSaleResult {
  const cohorts = [...sale.cohorts].map(([cohort, played]) => cohortResult(sale, cohort, played))
  return {
    max_unpaid_holds: maxUnpaidHolds,
    stock: sale.stock,
    hold_seconds: sale.holdSeconds,
    cohorts,
    unused_share: 1 - cohorts.reduce((sum, { unit_time_share }) => sum + unit_time_share, 0),
  }
}

function cohortResult(
  sale: PlayedHoldSale,
  { name, hostile }: HoldCohort,
  { stories, tally }: PlayedHoldCohort,
): HoldCohortResult {
  const unpaid = stories.map((own) => own.filter(isUnpaidHold).length)
  const { answers } = tally.calls.reserve
  return {
    ...{ name, hostile, answers },
    accounts: stories.length,
    requests: sum(Object.values(answers)),
    served: stories.filter((own) => own.some((story) => allocationOf(story) !== undefined)).length,
    paid: stories.filter((own) => own.some(({ order }) => order !== undefined)).length,
    unpaid_holds: sum(unpaid),
    most_unpaid_holds: Math.max(0, ...unpaid),
    unit_time_share: sum(stories.flat().map((story) => unitMs(sale, story))) / (sale.stock * sale.seconds * msPerSecond),
  }
}

const msPerSecond = 1_000
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const isUnpaidHold = (story: Story): boolean => allocationOf(story) !== undefined && story.order === undefined

/**
 * How long a request kept its unit, in milliseconds within the sale: a held unit for the length of its hold, a paid one until the
 * end.
 */
function unitMs({ seconds, holdSeconds }: PlayedHoldSale, story: Story): number {
  const fromMs = allocationOf(story)?.atMs
  if (fromMs === undefined) return 0
  const endMs = seconds * msPerSecond
  const untilMs = story.order ? endMs : Math.min(endMs, fromMs + holdSeconds * msPerSecond)
  return Math.max(0, untilMs - fromMs)
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

/** The share of the unit-time that went to hostile accounts. */
export const hostileShareOf = ({ cohorts }: HoldSaleResult): number =>
  sum(cohorts.filter(({ hostile }) => hostile).map(({ unit_time_share }) => unit_time_share))

/** Judges both sales: the limit holds, and it has an effect. */
export function checksOfHolds(
  { limited, lifted }: PlayedHoldSales,
  results: { readonly limited: HoldSaleResult; readonly lifted: HoldSaleResult },
): Check[] {
  const check = (name: string, violations: readonly string[]): Check => ({
    name: `unpaid holds: ${name}`,
    ok: !violations[0],
    violations,
  })
  const ofBoth = (violationsOf: (sale: PlayedHoldSale) => readonly string[]) => [limited, lifted].flatMap(violationsOf)
  const [withLimit, without] = [hostileShareOf(results.limited), hostileShareOf(results.lifted)]
  const most = results.limited.max_unpaid_holds
  return [
    check(
      `no account has more than ${most} of them`,
      results.limited.cohorts
        .filter(({ most_unpaid_holds }) => most_unpaid_holds > most)
        .map(({ name, most_unpaid_holds }) => `${name}: ${most_unpaid_holds}`),
    ),
    check(
      "with the limit, accounts that never pay have a smaller share of the unit-time",
      withLimit < without ? [] : [`${percent(withLimit)} with it, ${percent(without)} without`],
    ),
    check(`at least ${percent(leastBusinessShare)} of the requests get a business answer`, ofBoth(tooMuchTrouble)),
    check(
      "every answer keeps the contract",
      ofBoth((sale) => storiesOf(sale).flatMap(({ breaches }) => breaches)),
    ),
    check(
      "every result can be read back",
      ofBoth(({ unread }) => unread),
    ),
    check(
      "first come, first served",
      ofBoth((sale) => [
        ...outOfTurn(storiesOf(sale), sale.holdSeconds),
        ...soldOutTooEarly(storiesOf(sale), sale.stock),
        ...sharedPlaces(storiesOf(sale)),
      ]),
    ),
    check("units sold are units paid", ofBoth(otherwiseSold)),
  ]
}

const storiesOf = ({ cohorts }: PlayedHoldSale): Story[] => [...cohorts.values()].flatMap(({ stories }) => stories.flat())

function tooMuchTrouble({ cohorts }: PlayedHoldSale): string[] {
  return [...cohorts].flatMap(([{ name }, { tally }]) => {
    const share = tally.requests === 0 ? 1 : tally.businessAnswers / tally.requests
    return share >= leastBusinessShare ? [] : [`${name}: ${percent(share)} of ${tally.requests}, ${JSON.stringify(tally.errors)}`]
  })
}

/** A checkout without an answer may have sold its unit. */
function otherwiseSold(sale: PlayedHoldSale): string[] {
  const { sold, total } = sale.stats
  const stories = storiesOf(sale)
  const paid = stories.filter(({ order }) => order !== undefined).length
  const mayBe = paid + stories.filter(({ order, unanswered }) => !order && unanswered.has("checkout")).length
  return sold >= paid && sold <= mayBe && sold <= total ? [] : [`${paid} paid, ${sold} sold of ${total}`]
}
