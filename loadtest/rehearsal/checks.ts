import type { AnalyticsReport } from "../../core/contracts/analytics.ts"
import type { SkuStats, Verification } from "../../core/contracts/http/admin.ts"
import { wrongFigures } from "./analytics.ts"
import { contradictions, turnedAwayLater } from "./consistency.ts"
import { outOfTurn, passedOver, sharedPlaces, soldOutTooEarly } from "./fairness.ts"
import { priceMinor } from "./manager.ts"
import { fateOf, type Story } from "./story.ts"
import type { TallySummary } from "./tally.ts"

/** A property that must hold, and the places where it does not. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly violations: readonly string[]
}

/** Everything that the checks look at, after the sale. */
export interface Evidence {
  readonly stock: number
  readonly holdSeconds: number
  readonly stories: readonly Story[]
  readonly tally: TallySummary
  /** Reads after the sale that failed. */
  readonly unread: readonly string[]
  /** Why the sale did not end in time; undefined if it did. */
  readonly unfinished?: string
  readonly stats?: SkuStats
  readonly verification?: Verification
  /** What analytics counted, once it had caught up or a minute had passed. */
  readonly analytics?: AnalyticsReport
}

/** The share of the requests that must get a business answer. */
export const leastBusinessShare = 0.99

/**
 * Compares the answers that shoppers received with each other, and with the system's state after the sale. The system's own
 * invariants come last.
 */
export function checkRehearsal(evidence: Evidence): Check[] {
  const { stock, holdSeconds, stories, tally, stats, verification, analytics } = evidence
  const check = (name: string, violations: readonly string[]): Check => ({ name, ok: violations.length === 0, violations })
  return [
    check("the sale ended in time", evidence.unfinished ? [evidence.unfinished] : []),
    check(`at least ${leastBusinessShare * 100} % of the requests got a business answer`, tooMuchTrouble(tally)),
    check(
      "every answer keeps the contract",
      perShopper(stories, ({ breaches }) => breaches),
    ),
    check("every result can be read back", evidence.unread),
    check("every queued request got a decision", perShopper(stories, undecided)),
    check("the same key gives the same reservation and the same answer", perShopper(stories, contradictions)),
    check("no accepted request is turned away later", perShopper(stories, turnedAwayLater)),
    check(
      "no more units are sold or held than exist",
      stats ? oversold(stories, stats, stock) : ["the counters of the sale could not be read"],
    ),
    check("every shopper who paid has exactly their order, and no other shopper has one", perShopper(stories, wrongOrders)),
    check("the end state agrees with the answers to the shoppers", perShopper(stories, wrongEnding)),
    check("sold out is answered only when every unit is taken", soldOutTooEarly(stories, stock)),
    check("first come, first served", outOfTurn(stories, holdSeconds)),
    check("the waitlist is served in its order", passedOver(stories)),
    check("every log position belongs to one shopper", sharedPlaces(stories)),
    check(
      "analytics counts what PostgreSQL has",
      stats && analytics ? wrongFigures(analytics, { stats, stories }) : ["the figures of analytics could not be read"],
    ),
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

const undecided = (story: Story): string[] => (fateOf(story) === "queued" ? ["still queued after the sale"] : [])

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
    return orders.length > 0 && !unanswered.has("checkout") ? [`has ${orders.length} orders and received none`] : []
  }
  const [only] = orders
  if (orders.length !== 1 || only?.order_id !== order.order_id) return [`paid, and has ${orders.length} orders`]
  const isHis = heard.some(({ reservationId }) => reservationId === only.reservation_id)
  const isRight = isHis && only.amount_minor === priceMinor && only.quantity === 1
  return isRight ? [] : [`has another order than the paid one: ${JSON.stringify(only)}`]
}

/** A hold that was neither paid nor cancelled has expired. A waitlist entry of a closed sale has lapsed, or got a unit. */
function wrongEnding(story: Story): string[] {
  const { final, order, cancelled, unanswered } = story
  if (final === undefined || unanswered.has("checkout") || unanswered.has("cancel")) return []
  const right = order ? ["CONFIRMED"] : cancelled ? ["CANCELLED"] : ["EXPIRED", "LAPSED", "REFUSED"]
  if (!right.includes(final.status)) return [`should be ${right.join(" or ")}, is ${final.status}`]
  return []
}
