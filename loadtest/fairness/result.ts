import { defaultMaxUnpaidHolds } from "../../core/contracts/http/admin.ts"
import type { Check } from "../rehearsal/checks.ts"
import { outOfTurn, sharedPlaces, soldOutTooEarly } from "../rehearsal/fairness.ts"
import { allocationOf, type Story } from "../rehearsal/story.ts"
import type { Cohort } from "./cohort.ts"
import { checksOfHolds, type HoldSaleResult, holdSaleResult } from "./hold-result.ts"
import { liftedMaxUnpaidHolds } from "./hold-sales.ts"
import type { Played } from "./play.ts"

export const targets = { leastHostileRefused: 0.95, mostGoodRefused: 0.01, leastAnswered: 0.99 } as const

/** The result of a cohort; the names are those of `--json`. */
export interface CohortResult {
  readonly name: string
  readonly hostile: boolean
  readonly held_out: boolean
  readonly requests: number
  /** Requests refused because of the client (429 of the rate limiter, 401, 403). */
  readonly refused: number
  readonly units_won: number
  /** The number of each answer. */
  readonly answers: Readonly<Record<string, number>>
}

export interface Ratios {
  readonly hostile_refused_ratio: number
  readonly good_refused_ratio: number
}

export interface FairnessResult extends Ratios {
  readonly cohorts: readonly CohortResult[]
  /** Units given to a later log position before an earlier one was served. */
  readonly inversions: number
  readonly known: Ratios
  readonly held_out: Ratios
  /**
   * The sales with short holds, which no number above includes: one with the default limit on unpaid holds, one with the highest
   * limit.
   */
  readonly hold_sales: readonly HoldSaleResult[]
  readonly checks: readonly Check[]
  readonly ok: boolean
}

/** Judges the result of the play. */
export function resultOf(played: Played, cohorts: readonly Cohort[], stock: number): FairnessResult {
  const results = cohorts.map((cohort) => cohortResult(played, cohort))
  const stories = [...played.stories.values()].flat()
  const inversions = [...outOfTurn(stories, Number.POSITIVE_INFINITY), ...soldOutTooEarly(stories, stock)]
  const overall = ratiosOf(results)
  const heldOut = ratiosOf(results.filter((result) => result.held_out))
  const limited = holdSaleResult(played.holdSales.limited, defaultMaxUnpaidHolds)
  const lifted = holdSaleResult(played.holdSales.lifted, liftedMaxUnpaidHolds)
  const checks = [
    ...checksOf(played, { overall, heldOut, inversions, stories, stock }),
    ...checksOfHolds(played.holdSales, { limited, lifted }),
  ]
  return {
    cohorts: results,
    ...overall,
    inversions: inversions.length,
    known: ratiosOf(results.filter((result) => !result.held_out)),
    held_out: heldOut,
    hold_sales: [limited, lifted],
    checks,
    ok: checks.every(({ ok }) => ok),
  }
}

function cohortResult({ answered, stories }: Played, cohort: Cohort): CohortResult {
  const own = answered.filter((one) => one.cohort === cohort)
  const answers: Record<string, number> = {}
  for (const { answer } of own) answers[answer] = (answers[answer] ?? 0) + 1
  return {
    name: cohort.name,
    hostile: cohort.hostile,
    held_out: cohort.heldOut,
    requests: own.length,
    refused: own.filter(({ refused }) => refused).length,
    units_won: (stories.get(cohort) ?? []).filter((story) => allocationOf(story) !== undefined).length,
    answers,
  }
}

/** By requests: a cohort with more requests counts more. */
export function ratiosOf(results: readonly CohortResult[]): Ratios {
  const refusedOf = (hostile: boolean) => {
    const own = results.filter((result) => result.hostile === hostile)
    const requests = own.reduce((sum, result) => sum + result.requests, 0)
    return requests === 0 ? 0 : own.reduce((sum, result) => sum + result.refused, 0) / requests
  }
  return { hostile_refused_ratio: refusedOf(true), good_refused_ratio: refusedOf(false) }
}

interface Judged {
  readonly overall: Ratios
  readonly heldOut: Ratios
  readonly inversions: readonly string[]
  readonly stories: readonly Story[]
  readonly stock: number
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

function checksOf({ answered, unread, stats, verification }: Played, judged: Judged): Check[] {
  const { overall, heldOut, inversions, stories, stock } = judged
  const { leastHostileRefused, mostGoodRefused, leastAnswered } = targets
  const check = (name: string, violations: readonly string[]): Check => ({ name, ok: violations.length === 0, violations })
  const holds = (name: string, holdsTrue: boolean, otherwise: string) => check(name, holdsTrue ? [] : [otherwise])
  const won = stories.filter((story) => allocationOf(story) !== undefined).length
  const served = answered.length === 0 ? 0 : answered.filter(({ trouble }) => !trouble).length / answered.length
  return [
    holds(
      `at least ${percent(leastHostileRefused)} of hostile requests are refused`,
      overall.hostile_refused_ratio >= leastHostileRefused,
      percent(overall.hostile_refused_ratio),
    ),
    holds(
      `at most ${percent(mostGoodRefused)} of people's requests are refused`,
      overall.good_refused_ratio <= mostGoodRefused,
      percent(overall.good_refused_ratio),
    ),
    holds(
      "the same of people in the held-out population",
      heldOut.good_refused_ratio <= mostGoodRefused,
      percent(heldOut.good_refused_ratio),
    ),
    holds(`at least ${percent(leastAnswered)} of all requests get an answer`, served >= leastAnswered, percent(served)),
    check(
      "every answer keeps the contract",
      stories.flatMap(({ breaches }) => breaches),
    ),
    check("every result can be read back", unread),
    check("first come, first served", inversions),
    check("every log position belongs to one shopper", sharedPlaces(stories)),
    holds(
      "units won are units held, and no more than there are",
      won === stats.reserved && won <= stock,
      `${won} won, ${stats.reserved} held of ${stock}`,
    ),
    ...verification.checks.map(({ name, violations }) => check(`system: ${name}`, violations)),
  ]
}
