import type { Random } from "../rehearsal/random.ts"
import type { EdgeView } from "./clients.ts"
import { type Account, type Plot, personsAccount } from "./cohort.ts"
import { atAnyTimeMs } from "./timing.ts"

/** The input for the plan of a cohort of a sale with short holds. */
export interface HoldPlot extends Plot {
  readonly holdSeconds: number
  /** The number of the sale. Each sale has its own accounts and addresses. */
  readonly sale: number
}

/** An account and its actions at a sale with short holds. All times are in milliseconds. */
export interface HoldAccount {
  readonly account: Account
  readonly edge: EdgeView
  /** The time of its first request, from the opening. */
  readonly firstAskMs: number
  readonly conduct: NeverPays | BuysOnce
}

/** Takes a hold, lets it expire and asks again, repeatedly. */
export interface NeverPays {
  readonly kind: "never-pays"
  /** The pause before the next request when it gets no unit. */
  readonly retryMs: number
}

/** Asks once. With a hold it pays, or it forgets the hold. */
export interface BuysOnce {
  readonly kind: "buys-once"
  readonly ending: "pay" | "vanish"
  /** From the hold to the payment. */
  readonly thinksMs: number
}

/** A labelled kind of accounts at the sales with short holds. */
export interface HoldCohort {
  readonly name: string
  readonly hostile: boolean
  readonly plan: (plot: HoldPlot) => HoldAccount[]
}

const msPerSecond = 1_000
const daySeconds = 24 * 3_600
/** All of them ask within this time after the opening. */
const rushMs = 300
/** As shares of a hold: the pause of an account without a unit, and the time until a buyer pays. */
const shareOfHold = { retry: 0.1, shortestThought: 0.1, longestThought: 0.45 } as const
/** A retry comes up to this share earlier or later, so that the accounts do not ask at the same time. */
const retryStrays = 0.3
const payingShare = 0.7

interface Named {
  readonly name: string
  readonly edge: EdgeView
}

/**
 * An account that never pays. It has the most trusted tier. The rate limiter has a memory of a minute, and these holds are much
 * shorter than those of a real sale: it would refuse accounts here that it would not notice there.
 */
export function neverPays({ name, edge }: Named, { random, holdSeconds }: HoldPlot): HoldAccount {
  const account = { name, tier: 4, ageSeconds: 365 * daySeconds } as const
  const retryMs = holdSeconds * msPerSecond * shareOfHold.retry * (1 + retryStrays * (2 * random() - 1))
  return { account, edge, firstAskMs: random() * rushMs, conduct: { kind: "never-pays", retryMs } }
}

/** A person who wants one unit and arrives at any time of the sale. */
export function buysOnce({ name, edge }: Named, { random, seconds, holdSeconds }: HoldPlot): HoldAccount {
  const account = personsAccount(name, random)
  const firstAskMs = atAnyTimeMs(random, seconds)
  const ending = random() < payingShare ? "pay" : "vanish"
  return { account, edge, firstAskMs, conduct: { kind: "buys-once", ending, thinksMs: thoughtMs(random, holdSeconds) } }
}

function thoughtMs(random: Random, holdSeconds: number): number {
  const { shortestThought, longestThought } = shareOfHold
  return holdSeconds * msPerSecond * (shortestThought + (longestThought - shortestThought) * random())
}
