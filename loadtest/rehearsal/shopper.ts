import { headersOf } from "../fairness/clients.ts"
import { isBusinessAnswer, orderOf, reservationIn, slugOf } from "./answers.ts"
import type { ApiRequest, Reply, Send } from "./client.ts"
import type { Edge } from "./edge.ts"
import type { ShopperPlan } from "./plan.ts"
import { type Heard, newStory, reservationIdIn, type Story } from "./story.ts"
import type { Call, Tally } from "./tally.ts"

/** What a shopper acts on. Times are milliseconds from the opening. */
export interface World {
  readonly skuId: string
  readonly holdSeconds: number
  readonly send: Send
  /** Where shoppers look at the stock. */
  readonly edge: Edge
  readonly tally: Pick<Tally, "answered" | "looked" | "decided">
  readonly nowMs: () => number
  readonly sleep: (ms: number) => Promise<unknown>
  /** True once no shopper may wait any longer. */
  readonly isOver: () => boolean
}

/** The headers of a browser: a client that looks like a program is flagged sooner. */
const browserHeaders = headersOf("firefox")

interface Shopper {
  readonly world: World
  readonly story: Story
}

/** A reply, and the times at which the request was sent and answered. */
interface Exchange {
  readonly reply: Reply
  readonly sentAtMs: number
  readonly atMs: number
}

/** A request that fails is sent at most this often, always with the same key. */
export const maxTries = 5
/** The pause if the answer does not name one. */
const defaultRetryMs = 1_000
/** A waiting shopper asks at least this often during a hold, so that they do not miss their own. */
const looksPerHold = 3
const paysWith = "pm_card_visa"
const isDeclinedWith = "pm_card_chargeDeclined"

/** Plays one shopper from their arrival until they have their order, give up, or have nothing to wait for. Never throws. */
export function playShopper(world: World, plan: ShopperPlan, token: string): { story: Story; done: Promise<unknown> } {
  const story = newStory(plan, token)
  const shopper = { world, story }
  const visits = [look(shopper, 0), ...plan.reloadsAfterMs.map((afterMs) => look(shopper, afterMs))]
  if (plan.reservesAfterMs !== undefined) visits.push(shop(shopper, plan.arrivesAtMs + plan.reservesAfterMs))
  return { story, done: Promise.all(visits) }
}

/** Plays a shopper who asks for a unit and never looks at the stock; the rest is as in `playShopper`. Never throws. */
export function playBlindShopper(world: World, plan: ShopperPlan, token: string): { story: Story; done: Promise<unknown> } {
  const story = newStory(plan, token)
  return { story, done: shop({ world, story }, plan.arrivesAtMs + (plan.reservesAfterMs ?? 0)) }
}

async function look(shopper: Shopper, afterMs: number): Promise<void> {
  const { world, story } = shopper
  const meantAtMs = story.plan.arrivesAtMs + afterMs
  await until(world, meantAtMs)
  const { isHit } = await world.edge.read(story.plan.number, { method: "GET", path: `/v1/skus/${world.skuId}/availability` })
  world.tally.looked(world.nowMs() - meantAtMs, isHit)
}

async function shop(shopper: Shopper, meantAtMs: number): Promise<void> {
  const { world, story } = shopper
  const { repeats } = story.plan
  await until(world, meantAtMs)
  const impatient = repeats?.after === "sending" ? repeat(shopper, meantAtMs + repeats.ms) : undefined
  const decision = await reserve(shopper, meantAtMs)
  const curious = repeats?.after === "answer" && decision ? repeat(shopper, decision.atMs + repeats.ms) : undefined
  if (decision?.status === "RESERVED") await actOnHold(shopper, decision.atMs + story.plan.thinksMs)
  if (decision?.status === "WAITLISTED") await awaitPromotion(shopper, decision)
  await Promise.all([impatient, curious])
}

/** Asks for a unit and, once queued, for the decision. */
async function reserve(shopper: Shopper, meantAtMs: number): Promise<Heard | undefined> {
  const answer = hear(shopper, await insist(shopper, "reserve", () => reserveRequest(shopper), meantAtMs))
  const decision = answer?.status === "QUEUED" ? await follow(shopper, answer) : answer
  if (decision?.decided) shopper.world.tally.decided(decision.atMs - meantAtMs)
  return decision
}

/** Sends the same request again, with the same key: the same reservation must come back. */
async function repeat(shopper: Shopper, meantAtMs: number): Promise<void> {
  await until(shopper.world, meantAtMs)
  hear(shopper, await ask(shopper, "reserve", reserveRequest(shopper), meantAtMs))
}

function reserveRequest({ world, story }: Shopper): ApiRequest {
  story.timesAsked += 1
  story.firstAskedAtMs ??= world.nowMs()
  return {
    method: "POST",
    path: "/v1/reservations",
    token: story.token,
    // The key also names the sale: a shopper of an earlier sale must not get the decision of that sale again.
    idempotencyKey: `${world.skuId}-${story.plan.number}`,
    body: { sku_id: world.skuId, quantity: 1, join_waitlist: story.plan.joinsWaitlist },
  }
}

/** Asks at the address and at the time that the answer named, until the reservation changes. */
async function follow(shopper: Shopper, first: Heard): Promise<Heard> {
  const { world, story } = shopper
  const path = story.location ?? reservationPath(story)
  const longestWaitMs = (world.holdSeconds * 1_000) / looksPerHold
  let heard = first
  let waitMs = first.retryAfterMs ?? defaultRetryMs
  while (heard.status === first.status && !world.isOver()) {
    await world.sleep(Math.min(waitMs, longestWaitMs))
    heard = hear(shopper, await ask(shopper, "status", { method: "GET", path, token: story.token })) ?? heard
    waitMs = heard.retryAfterMs ?? waitMs
  }
  return heard
}

async function awaitPromotion(shopper: Shopper, place: Heard): Promise<void> {
  shopper.story.isWaiting = true
  const after = await follow(shopper, place)
  shopper.story.isWaiting = false
  if (after.status === "RESERVED") await pay(shopper, paysWith, after.atMs)
}

async function actOnHold(shopper: Shopper, meantAtMs: number): Promise<void> {
  const { ending } = shopper.story.plan
  if (ending === "vanish") return
  await until(shopper.world, meantAtMs)
  if (ending === "cancel") return cancel(shopper, meantAtMs)
  if (ending === "pay") return pay(shopper, paysWith, meantAtMs)
  await pay(shopper, isDeclinedWith, meantAtMs)
  if (ending === "decline-then-pay") await pay(shopper, paysWith, shopper.world.nowMs())
}

async function pay(shopper: Shopper, paymentMethod: string, meantAtMs: number): Promise<void> {
  const { world, story } = shopper
  story.checkoutSentAtMs ??= world.nowMs()
  const request: ApiRequest = {
    method: "POST",
    path: `${reservationPath(story)}/checkout`,
    token: story.token,
    idempotencyKey: `checkout-${paymentMethod}`,
    body: { payment_method: paymentMethod },
  }
  const { reply } = await insist(shopper, "checkout", () => request, meantAtMs)
  const order = orderOf(reply)
  if (order) story.order = order
  else if (slugOf(reply) === "payment-declined") story.declines += 1
  else if (reply.kind === "answer" && reply.status < 400) story.breaches.push(`checkout answered ${JSON.stringify(reply.body)}`)
}

async function cancel(shopper: Shopper, meantAtMs: number): Promise<void> {
  const { world, story } = shopper
  story.cancelSentAtMs = world.nowMs()
  const request = { method: "DELETE", path: reservationPath(story), token: story.token } as const
  const exchange = await insist(shopper, "cancel", () => request, meantAtMs)
  const answer = isBusinessAnswer(exchange.reply) && slugOf(exchange.reply) === undefined ? hear(shopper, exchange) : undefined
  story.cancelled = answer?.status === "CANCELLED"
}

/** Asks until there is an answer. A failed request is repeated when the answer says so, at most `maxTries` times in all. */
async function insist(
  shopper: Shopper,
  call: "reserve" | "checkout" | "cancel",
  request: () => ApiRequest,
  meantAtMs: number,
): Promise<Exchange> {
  const { world, story } = shopper
  let exchange = await ask(shopper, call, request(), meantAtMs)
  for (let tries = 1; !isBusinessAnswer(exchange.reply) && tries < maxTries && !world.isOver(); tries += 1) {
    await world.sleep(retryAfterMsOf(exchange.reply) ?? defaultRetryMs)
    exchange = await ask(shopper, call, request())
  }
  if (!isBusinessAnswer(exchange.reply)) story.unanswered.add(call)
  return exchange
}

async function ask({ world }: Shopper, call: Call, request: ApiRequest, meantAtMs = world.nowMs()): Promise<Exchange> {
  const sentAtMs = world.nowMs()
  const reply = await world.send({ ...request, headers: browserHeaders })
  const atMs = world.nowMs()
  world.tally.answered(call, reply, atMs - meantAtMs)
  return { reply, sentAtMs, atMs }
}

/** Records what a reply says about the reservation. */
function hear({ story }: Shopper, { reply, sentAtMs, atMs }: Exchange): Heard | undefined {
  const shown = reservationIn(reply)
  if (shown === undefined) {
    if (isBusinessAnswer(reply)) story.breaches.push(`a reservation was answered with ${JSON.stringify(reply)}`)
    return undefined
  }
  const retryAfterMs = retryAfterMsOf(reply)
  const heard = { ...shown, sentAtMs, atMs, ...(retryAfterMs !== undefined && { retryAfterMs }) }
  story.heard.push(heard)
  if (reply.kind === "answer" && reply.location !== undefined) story.location = pathOf(reply.location)
  return heard
}

const reservationPath = (story: Story): string => `/v1/reservations/${reservationIdIn(story)}`

/** A Location may name the host or not. */
const pathOf = (location: string): string => {
  const { pathname, search } = new URL(location, "http://any.host")
  return `${pathname}${search}`
}

const retryAfterMsOf = (reply: Reply): number | undefined =>
  reply.kind === "answer" && reply.retryAfterSeconds !== undefined ? reply.retryAfterSeconds * 1_000 : undefined

async function until({ nowMs, sleep }: World, momentMs: number): Promise<void> {
  const leftMs = momentMs - nowMs()
  if (leftMs > 0) await sleep(leftMs)
}
