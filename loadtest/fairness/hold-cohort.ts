import type { Random } from "../rehearsal/random.ts"
import type { EdgeView } from "./clients.ts"
import { type Account, type Plot, personsAccount } from "./cohort.ts"
import { atAnyTimeMs } from "./timing.ts"

/** What a cohort of a sale with short holds is planned with. */
export interface HoldPlot extends Plot {
  readonly holdSeconds: number
  /** The number of the sale: each of the sales has accounts and addresses of its own. */
  readonly sale: number
}

/** An account and what it does at a sale with short holds. All times are in milliseconds. */
export interface HoldAccount {
  readonly account: Account
  readonly edge: EdgeView
  /** When it asks first, from the opening. */
  readonly firstAskMs: number
  readonly conduct: NeverPays | BuysOnce
}

/** Takes a hold, lets it run out and asks anew, again and again. */
export interface NeverPays {
  readonly kind: "never-pays"
  /** How long it waits until it asks again, when it gets no unit. */
  readonly retryMs: number
}

/** Asks once. With a hold it pays, or forgets it. */
export interface BuysOnce {
  readonly kind: "buys-once"
  readonly ending: "pay" | "vanish"
  /** From the hold to the payment. */
  readonly thinksMs: number
}

/** A kind of accounts at the sales with short holds, labelled. */
export interface HoldCohort {
  readonly name: string
  readonly hostile: boolean
  readonly plan: (plot: HoldPlot) => HoldAccount[]
}

const msPerSecond = 1_000
const daySeconds = 24 * 3_600
/** All of them ask within this time after the opening. */
const rushMs = 300
/** As shares of a hold: how often an account without a unit asks, and how long a buyer takes. */
const shareOfHold = { retry: 0.1, shortestThought: 0.1, longestThought: 0.45 } as const
/** A retry comes up to this share earlier or later, so that the accounts do not ask all at once. */
const retryStrays = 0.3
const payingShare = 0.7

interface Named {
  readonly name: string
  readonly edge: EdgeView
}

/**
 * An account that never pays. It has the most trusted tier: the rate limiter remembers a minute, and the holds are much shorter
 * than those of a real sale. The limiter would refuse accounts here that it does not notice there.
 */
export function neverPays({ name, edge }: Named, { random, holdSeconds }: HoldPlot): HoldAccount {
  const account = { name, tier: 4, ageSeconds: 365 * daySeconds } as const
  const retryMs = holdSeconds * msPerSecond * shareOfHold.retry * (1 + retryStrays * (2 * random() - 1))
  return { account, edge, firstAskMs: random() * rushMs, conduct: { kind: "never-pays", retryMs } }
}

/** A person who wants one unit and comes at any time of the sale. */
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
