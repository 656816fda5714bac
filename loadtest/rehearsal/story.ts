import type { Order } from "../../core/contracts/http/checkout.ts"
import type { Place, Told } from "./answers.ts"
import type { ShopperPlan } from "./plan.ts"

/** One answer about a shopper's reservation, with its time in milliseconds from the opening, by the generator's clock. */
export interface Heard extends Told {
  readonly sentAtMs: number
  readonly atMs: number
  /** When to ask again, if the answer said so. */
  readonly retryAfterMs?: number
}

/** What a shopper did and which answers they received: everything that the checks know about them. */
export interface Story {
  readonly plan: ShopperPlan
  readonly token: string
  /** In the order of the answers. */
  readonly heard: Heard[]
  /** The address of the reservation, from a 202. */
  location?: string
  /** How often they sent their request for a unit. */
  timesAsked: number
  firstAskedAtMs?: number
  cancelSentAtMs?: number
  cancelled: boolean
  checkoutSentAtMs?: number
  order?: Order
  declines: number
  /** Their orders, read back after the sale. */
  orders?: readonly Order[]
  /** Their reservation, read back after the sale; also the last answer about it. */
  final?: Told
  /** Whether they are on the waitlist now. */
  isWaiting: boolean
  /** Requests without any answer: the system may have carried them out or not. */
  readonly unanswered: Set<"reserve" | "checkout" | "cancel">
  /** Answers that break the contract. */
  readonly breaches: string[]
}

export const newStory = (plan: ShopperPlan, token: string): Story => ({
  plan,
  token,
  heard: [],
  timesAsked: 0,
  cancelled: false,
  declines: 0,
  isWaiting: false,
  unanswered: new Set(),
  breaches: [],
})

const allocated: ReadonlySet<string> = new Set(["RESERVED", "CONFIRMED", "EXPIRED", "CANCELLED"])

/** The decision about a shopper, as far as they know it. */
export type Fate = "won" | "promoted" | "waitlisted" | "refused" | "turned-away" | "queued" | "unanswered" | "never-asked"

/**
 * Won is a unit from the queue; promoted is a unit from the waitlist; turned away is refused without a decision. A queued shopper
 * may have been on the waitlist without noticing: they count as a shopper who won.
 */
export function fateOf({ heard, timesAsked }: Story): Fate {
  if (timesAsked === 0) return "never-asked"
  const hasWaited = heard.some(({ status }) => status === "WAITLISTED")
  if (heard.some(isAllocation)) return hasWaited ? "promoted" : "won"
  if (hasWaited) return "waitlisted"
  if (heard.some(({ status, decided }) => status === "REFUSED" && decided)) return "refused"
  if (heard.some(({ status }) => status === "QUEUED")) return "queued"
  return heard.length > 0 ? "turned-away" : "unanswered"
}

/** Whether it says that the shopper got units. A cancelled waitlist entry never had any. */
export const isAllocation = ({ status }: Told): boolean => allocated.has(status)

/** The first answer that gave the shopper a unit. */
export const allocationOf = ({ heard }: Story): Heard | undefined => heard.find(isAllocation)

/** Their log position, from their first receipt. */
export const placeIn = ({ heard }: Story): Place | undefined => heard.find(({ place }) => place !== undefined)?.place

/** The id of their reservation, once they know it. */
export const reservationIdIn = ({ heard }: Story): string | undefined =>
  heard.find(({ reservationId }) => reservationId !== undefined)?.reservationId
