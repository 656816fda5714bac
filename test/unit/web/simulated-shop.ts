import type { Answer } from "../../../web/src/machine/answer.ts"
import type { CheckoutAnswer, ReservationBody } from "../../../web/src/machine/purchase-events.ts"
import type { Effect } from "../../../web/src/machine/purchase-state.ts"

export const holdMs = 120_000

interface SimulatedReservation {
  readonly id: string
  readonly key: string
  status: string
  expiresAtMs: number
}

interface SimulatedAttempt {
  readonly reservationId: string
  readonly method: string
  status: "open" | "paid" | "declined" | "to-confirm" | "abandoned"
}

/** The rules of the API for one shopper and one SKU, as far as the page can see them. */
export interface SimulatedShop {
  readonly reservations: SimulatedReservation[]
  readonly attempts: Record<string, SimulatedAttempt>
  /** What becomes of the next new key. */
  next: "hold" | "queue" | "waitlist" | "sold-out" | "halted"
  nowMs: number
}

export const openShop = (nowMs: number): SimulatedShop => ({ reservations: [], attempts: {}, next: "hold", nowMs })

const live: ReadonlySet<string> = new Set(["QUEUED", "WAITLISTED", "RESERVED"])
export const liveKeys = ({ reservations }: SimulatedShop): readonly string[] =>
  reservations.filter(({ status }) => live.has(status)).map(({ key }) => key)

const possiblyPaying: ReadonlySet<string> = new Set(["open", "paid", "to-confirm"])
export const payingKeys = ({ attempts }: SimulatedShop): readonly string[] =>
  Object.entries(attempts).flatMap(([key, { status }]) => (possiblyPaying.has(status) ? [key] : []))

const done = <Body>(body: Body, status = 200, retryAfterSeconds?: number): Answer<Body> => ({
  kind: "done",
  status,
  body,
  retryAfterSeconds,
})
const refused = (slug: string, status: number, decided?: boolean): Answer<never> => ({
  kind: "refused",
  slug,
  status,
  decided,
  body: {},
})

function bodyOf({ nowMs }: SimulatedShop, { id, status, expiresAtMs }: SimulatedReservation): ReservationBody {
  const hold = { expires_at: new Date(expiresAtMs).toISOString(), expires_in_seconds: (expiresAtMs - nowMs) / 1_000 }
  return {
    reservation_id: id,
    quantity: 1,
    status,
    ...(status === "RESERVED" && hold),
    ...(status === "QUEUED" && { position: 3 }),
  }
}

/** Time, and what the operator, the writer and the bank do. */
export function happens(shop: SimulatedShop, what: "decide" | "promote" | "expire" | "confirm" | "fail" | "time"): void {
  for (const reservation of shop.reservations) {
    const isNext =
      (what === "decide" && reservation.status === "QUEUED") || (what === "promote" && reservation.status === "WAITLISTED")
    if (isNext) Object.assign(reservation, { status: "RESERVED", expiresAtMs: shop.nowMs + holdMs })
    const isOver = reservation.status === "RESERVED" && (what === "expire" || reservation.expiresAtMs <= shop.nowMs)
    if (isOver) reservation.status = "EXPIRED"
  }
  for (const attempt of Object.values(shop.attempts)) {
    const reservation = shop.reservations.find(({ id }) => id === attempt.reservationId)
    if (reservation?.status === "EXPIRED" && attempt.status !== "declined") attempt.status = "abandoned"
    if (attempt.status !== "to-confirm" || reservation?.status !== "RESERVED") continue
    if (what === "confirm") attempt.status = "open"
    if (what === "fail") attempt.status = "declined"
  }
}

/** What the shop answers to a call of the page. */
export function answerOf(shop: SimulatedShop, effect: Effect): Answer<ReservationBody> | Answer<CheckoutAnswer> {
  switch (effect.kind) {
    case "reserve":
      return reserve(shop, effect.wish.key)
    case "read":
    case "cancel":
      return readOrCancel(shop, effect.id, effect.kind === "cancel")
    case "pay":
      return pay(shop, effect.id, effect.attempt.key, effect.attempt.method)
    default:
      throw new Error(`${effect.kind} is no call`)
  }
}

function reserve(shop: SimulatedShop, key: string): Answer<ReservationBody> {
  const known = shop.reservations.find((one) => one.key === key)
  if (known !== undefined) return known.status === "REFUSED" ? refused("sold-out", 409, true) : done(bodyOf(shop, known), 201)
  if (shop.next === "halted") return refused("sale-halted", 503, false)
  if (shop.next === "sold-out") return refused("sold-out", 409, false)
  const status = { hold: "RESERVED", queue: "QUEUED", waitlist: "WAITLISTED" }[shop.next]
  const made = { id: `r-${key}`, key, status, expiresAtMs: shop.nowMs + holdMs }
  shop.reservations.push(made)
  return done(bodyOf(shop, made), 201, 1)
}

function readOrCancel(shop: SimulatedShop, id: string, isCancel: boolean): Answer<ReservationBody> {
  const found = shop.reservations.find((one) => one.id === id)
  if (found === undefined) return refused("reservation-not-found", 404)
  const isPaying = Object.values(shop.attempts).some(({ reservationId, status }) => reservationId === id && status === "paid")
  if (isCancel && !isPaying && live.has(found.status) && found.status !== "QUEUED") found.status = "CANCELLED"
  return done(bodyOf(shop, found), 200, 1)
}

function pay(shop: SimulatedShop, id: string, key: string, method: string): Answer<CheckoutAnswer> {
  const reservation = shop.reservations.find((one) => one.id === id)
  if (reservation === undefined) return refused("reservation-not-found", 404)
  if (reservation.status === "CONFIRMED") return done({ order_id: `o-${id}` })
  if (reservation.status !== "RESERVED") {
    return refused(reservation.status === "CANCELLED" ? "reservation-cancelled" : "reservation-expired", 409, true)
  }
  const attempt = shop.attempts[key]
  if (attempt?.status === "declined") return refused("payment-declined", 402, true)
  if (attempt?.status === "to-confirm") return done({ action_url: "https://bank.example/" }, 202, 2)
  const others = Object.entries(shop.attempts).some(([other, { status }]) => other !== key && possiblyPaying.has(status))
  if (attempt === undefined && others) return refused("payment-in-progress", 409, true)
  if (attempt?.status === "open" || method === "visa") {
    shop.attempts[key] = { reservationId: id, method, status: "paid" }
    reservation.status = "CONFIRMED"
    return done({ order_id: `o-${id}` }, 201)
  }
  if (method === "confirm") {
    shop.attempts[key] = { reservationId: id, method, status: "to-confirm" }
    return done({ action_url: "https://bank.example/" }, 202, 2)
  }
  if (method === "silent") {
    shop.attempts[key] = { reservationId: id, method, status: "to-confirm" }
    return refused("outcome-unknown", 503, true)
  }
  shop.attempts[key] = { reservationId: id, method, status: "declined" }
  return refused("payment-declined", 402, true)
}
