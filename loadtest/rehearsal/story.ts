import type { Order } from "../../core/contracts/http/checkout.ts"
import type { Place, Told } from "./answers.ts"
import type { ShopperPlan } from "./plan.ts"

/** What a shopper heard of his reservation, and when; milliseconds from the opening, by the generator's clock. */
export interface Heard extends Told {
  readonly sentAtMs: number
  readonly atMs: number
  /** When to look again, where the answer said so. */
  readonly retryAfterMs?: number
}

/** What a shopper did and what he was told: everything the checks know of him. */
export interface Story {
  readonly plan: ShopperPlan
  readonly token: string
  /** In the order in which the answers came. */
  readonly heard: Heard[]
  /** Where a 202 said that the reservation can be looked at. */
  location?: string
  /** How often he sent his request for a unit. */
  timesAsked: number
  firstAskedAtMs?: number
  cancelSentAtMs?: number
  cancelled: boolean
  checkoutSentAtMs?: number
  order?: Order
  declines: number
  /** His orders, read back after the sale. */
  orders?: readonly Order[]
  /** His reservation, read back after the sale; also the last he heard. */
  final?: Told
  /** He is on the waitlist right now. */
  isWaiting: boolean
  /** What he asked for without ever getting an answer: the system may have done it or not. */
  readonly unanswered: Set<"reserve" | "checkout" | "cancel">
  /** Answers that do not keep the contract. */
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

/** What was decided about a shopper, as far as he was told. */
export type Fate = "won" | "promoted" | "waitlisted" | "refused" | "turned-away" | "queued" | "unanswered" | "never-asked"

/**
 * Won is a unit out of the line, promoted a unit from the waitlist; turned away is who was refused without a decision. Who waited
 * in line for his answer may have been on the waitlist without noticing: he counts as one who won.
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

/** Whether it says that units were given; a place on the waitlist that was given back never had any. */
export const isAllocation = ({ status }: Told): boolean => allocated.has(status)

/** The first time a shopper was told that he has a unit. */
export const allocationOf = ({ heard }: Story): Heard | undefined => heard.find(isAllocation)

/** His place in line, as his first receipt names it. */
export const placeIn = ({ heard }: Story): Place | undefined => heard.find(({ place }) => place !== undefined)?.place

/** The id of his reservation, once he was told. */
export const reservationIdIn = ({ heard }: Story): string | undefined =>
  heard.find(({ reservationId }) => reservationId !== undefined)?.reservationId
