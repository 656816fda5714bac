import { arrivalTimes, type Crowd } from "./arrivals.ts"
import { type Random, seededRandom } from "./random.ts"

/** What a winner does with their hold. */
export type Ending = "pay" | "decline-then-pay" | "decline-then-vanish" | "cancel" | "vanish"

/** Everything that a shopper will do. It is decided before the sale, so that no step waits for the system. */
export interface ShopperPlan {
  readonly number: number
  /** All times are in milliseconds. This one counts from the opening. */
  readonly arrivesAtMs: number
  /** When they look at the stock again, from their arrival. */
  readonly reloadsAfterMs: readonly number[]
  /** When they ask for a unit, from their arrival; undefined for a shopper who only looks. */
  readonly reservesAfterMs?: number
  /** When they send the same request again: this long after sending it, or after its answer. */
  readonly repeats?: { readonly after: "sending" | "answer"; readonly ms: number }
  readonly joinsWaitlist: boolean
  readonly ending: Ending
  /** The time until they pay, cancel or leave. */
  readonly thinksMs: number
}

const shares = { onlyLooks: 0.05, reloads: 0.15, repeatsWhileWaiting: 0.05, repeatsAfterAnswer: 0.05, joinsWaitlist: 0.5 }
/** 70 % pay, 5 % are declined and half of them pay with a second attempt, 10 % cancel, the rest leave. */
const endings: readonly (readonly [Ending, number])[] = [
  ["pay", 0.7],
  ["decline-then-pay", 0.025],
  ["decline-then-vanish", 0.025],
  ["cancel", 0.1],
  ["vanish", 0.15],
]
const maxReloads = 4
const reloadGapMs = [500, 2_000] as const
const readsPageMs = [0, 300] as const
const impatienceMs = [5, 300] as const
const returnsMs = [50, 1_000] as const
/** Typing a card number takes seconds: no shopper pays at the moment they win. */
const shortestThoughtMs = 1_000
const longestThoughtMs = 9_000
/** A shopper who wants to pay does so well within their hold. */
const thoughtShareOfHold = 0.45

/** Plans every shopper of a sale, in the order of their arrival. The same seed gives the same plans. */
export function planShoppers(crowd: Crowd & { readonly holdSeconds: number; readonly seed: number }): ShopperPlan[] {
  const random = seededRandom(crowd.seed)
  const times = arrivalTimes(crowd, random)
  return Array.from(times, (arrivesAtMs, number) => planShopper(number, arrivesAtMs, crowd.holdSeconds, random))
}

function planShopper(number: number, arrivesAtMs: number, holdSeconds: number, random: Random): ShopperPlan {
  const between = ([from, to]: readonly [number, number]) => from + (to - from) * random()
  const longest = Math.min(longestThoughtMs, holdSeconds * 1_000 * thoughtShareOfHold)
  const reloads = random() < shares.reloads ? 1 + Math.floor(random() * maxReloads) : 0
  const reloadsAfterMs: number[] = []
  for (let at = between(reloadGapMs); reloadsAfterMs.length < reloads; at += between(reloadGapMs)) reloadsAfterMs.push(at)
  const repeats = repeatsOf(random(), between)
  return {
    number,
    arrivesAtMs,
    reloadsAfterMs,
    ...(random() >= shares.onlyLooks && { reservesAfterMs: between(readsPageMs) }),
    ...(repeats && { repeats }),
    joinsWaitlist: random() < shares.joinsWaitlist,
    ending: endingOf(random()),
    thinksMs: between([Math.min(shortestThoughtMs, longest), longest]),
  }
}

function repeatsOf(draw: number, between: (range: readonly [number, number]) => number): ShopperPlan["repeats"] {
  if (draw < shares.repeatsWhileWaiting) return { after: "sending", ms: between(impatienceMs) }
  if (draw < shares.repeatsWhileWaiting + shares.repeatsAfterAnswer) return { after: "answer", ms: between(returnsMs) }
  return undefined
}

function endingOf(draw: number): Ending {
  let reached = 0
  for (const [ending, share] of endings) {
    reached += share
    if (draw < reached) return ending
  }
  return "vanish"
}
