import type { SkuStats, Verification } from "../../core/contracts/http/admin.ts"
import { contradictions, turnedAwayLater } from "./consistency.ts"
import { outOfTurn, passedOver, sharedPlaces, soldOutTooEarly } from "./fairness.ts"
import { priceMinor } from "./manager.ts"
import { fateOf, type Story } from "./story.ts"
import type { TallySummary } from "./tally.ts"

/** One thing that must be so, and where it was not. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly violations: readonly string[]
}

/** Everything the checks look at, once the sale is over. */
export interface Evidence {
  readonly stock: number
  readonly holdSeconds: number
  readonly stories: readonly Story[]
  readonly tally: TallySummary
  /** What could not be read back. */
  readonly unread: readonly string[]
  /** Why the sale did not come to its end in time; undefined if it did. */
  readonly unfinished?: string
  readonly stats?: SkuStats
  readonly verification?: Verification
}

/** Requests that must get an answer in the terms of the sale. */
export const leastBusinessShare = 0.99

/**
 * Checks what the shoppers were told against itself and against what the system says afterwards; its own invariants come last.
 */
export function checkRehearsal(evidence: Evidence): Check[] {
  const { stock, holdSeconds, stories, tally, stats, verification } = evidence
  const check = (name: string, violations: readonly string[]): Check => ({ name, ok: violations.length === 0, violations })
  return [
    check("the sale came to its end", evidence.unfinished ? [evidence.unfinished] : []),
    check(`at least ${leastBusinessShare * 100} % of the requests got a business answer`, tooMuchTrouble(tally)),
    check(
      "every answer keeps the contract",
      perShopper(stories, ({ breaches }) => breaches),
    ),
    check("everything can be read back", evidence.unread),
    check("whoever was taken into the line got a decision", perShopper(stories, undecided)),
    check("the same key gives the same reservation and the same answer", perShopper(stories, contradictions)),
    check("nobody who was taken in is turned away later", perShopper(stories, turnedAwayLater)),
    check(
      "never more units than there are",
      stats ? oversold(stories, stats, stock) : ["the counters of the sale could not be read"],
    ),
    check("whoever paid has exactly his order, nobody else has one", perShopper(stories, wrongOrders)),
    check("what shoppers were told is so in the end", perShopper(stories, wrongEnding)),
    check("sold out is only said when every unit is taken", soldOutTooEarly(stories, stock)),
    check("first come, first served", outOfTurn(stories, holdSeconds)),
    check("the waitlist is served in its order", passedOver(stories)),
    check("every place in line is one shopper's", sharedPlaces(stories)),
    ...(verification?.checks.map(({ name, violations }) => check(`system: ${name}`, violations)) ?? [
      check("system: invariants", ["could not be checked"]),
    ]),
  ]
}

const perShopper = (stories: readonly Story[], violationsOf: (story: Story) => readonly string[]): string[] =>
  stories.flatMap((story) => violationsOf(story).map((violation) => `shopper ${story.plan.number}: ${violation}`))

function tooMuchTrouble({ businessAnswers, requests }: TallySummary): string[] {
  const share = requests === 0 ? 0 : businessAnswers / requests
  return share >= leastBusinessShare ? [] : [`${(share * 100).toFixed(2)} % of ${requests} requests`]
}

const undecided = (story: Story): string[] => (fateOf(story) === "queued" ? ["still in line after the sale"] : [])

function oversold(stories: readonly Story[], { total, available, reserved, sold }: SkuStats, stock: number): string[] {
  const paid = stories.filter(({ order }) => order !== undefined).length
  const held = stories.filter(({ final }) => final?.status === "RESERVED").length
  const mayHavePaid = paid + stories.filter(({ order, unanswered }) => !order && unanswered.has("checkout")).length
  return [
    ...(paid + held > stock ? [`${paid} paid and ${held} hold a unit of ${stock}`] : []),
    ...(reserved + sold > total || total !== stock
      ? [`the system counts ${reserved} reserved and ${sold} sold of ${total}`]
      : []),
    ...(available + reserved + sold !== total
      ? [`${available} available, ${reserved} reserved, ${sold} sold make no ${total}`]
      : []),
    ...(sold < paid || sold > mayHavePaid ? [`the system counts ${sold} sold, ${paid} shoppers paid`] : []),
  ]
}

function wrongOrders({ order, orders, unanswered, heard }: Story): string[] {
  if (orders === undefined) return []
  if (order === undefined) {
    return orders.length > 0 && !unanswered.has("checkout") ? [`has ${orders.length} orders and was told of none`] : []
  }
  const [only] = orders
  if (orders.length !== 1 || only?.order_id !== order.order_id) return [`paid, and has ${orders.length} orders`]
  const isHis = heard.some(({ reservationId }) => reservationId === only.reservation_id)
  const isRight = isHis && only.amount_minor === priceMinor && only.quantity === 1
  return isRight ? [] : [`has another order than he paid: ${JSON.stringify(only)}`]
}

/**
 * A hold that was neither paid nor given back has expired; a place on the waitlist of a closed sale has lapsed, or was served.
 */
function wrongEnding(story: Story): string[] {
  const { final, order, cancelled, unanswered } = story
  if (final === undefined || unanswered.has("checkout") || unanswered.has("cancel")) return []
  const right = order ? ["CONFIRMED"] : cancelled ? ["CANCELLED"] : ["EXPIRED", "LAPSED", "REFUSED"]
  if (!right.includes(final.status)) return [`should be ${right.join(" or ")}, is ${final.status}`]
  return []
}
