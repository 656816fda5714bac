import type { Answer } from "../../../web/src/machine/answer.ts"
import { transition } from "../../../web/src/machine/purchase.ts"
import type { CheckoutAnswer, PurchaseEvent, ReservationBody } from "../../../web/src/machine/purchase-events.ts"
import type { At, Effect, Purchase, StoredPurchase } from "../../../web/src/machine/purchase-state.ts"
import { nothing } from "../../../web/src/machine/purchase-state.ts"
import { isLive, restore } from "../../../web/src/machine/stored-purchase.ts"
import { answerOf, happens, openShop, type SimulatedShop } from "./simulated-shop.ts"

type Call = Extract<Effect, { kind: "reserve" | "read" | "cancel" | "pay" }>

/** A device with two tabs that share its storage, a network, and a shop. It holds data only, so that a copy is another future. */
export interface World {
  readonly shop: SimulatedShop
  readonly tabs: Purchase[]
  stored: StoredPurchase | undefined
  /** Calls that a tab has made and that no answer has come to. */
  readonly calls: { readonly tab: number; readonly effect: Call }[]
  /** Changes of the storage that the other tab has not seen. */
  readonly changes: { readonly tab: number }[]
  steadyMs: number
  keys: number
  left: number
  /** What waits until no tab sends a request for units. */
  readonly waiting: { readonly tab: number; readonly effect: Extract<Effect, { kind: "claim" | "reserve" }> }[]
  /** Payments that were ever stored. */
  readonly storedAttempts: string[]
  readonly faults: string[]
}

export const startMs = Date.parse("2026-11-27T09:00:00Z")

export const openWorld = (): World => ({
  shop: openShop(startMs),
  tabs: [nothing, nothing],
  stored: undefined,
  calls: [],
  changes: [],
  steadyMs: 0,
  keys: 0,
  left: 0,
  waiting: [],
  storedAttempts: [],
  faults: [],
})

export const atOf = ({ shop, steadyMs }: World): At => ({ serverMs: shop.nowMs, steadyMs, random: 0.5, isHidden: false })

const fromOutside: ReadonlySet<string> = new Set(["reserve-answer", "read-answer", "cancel-answer", "elsewhere", "claimed"])

export function send(world: World, tab: number, event: PurchaseEvent): void {
  const before = world.tabs[tab] ?? nothing
  const { purchase, effects } = transition(before, event, atOf(world))
  world.tabs[tab] = purchase
  if (!fromOutside.has(event.kind) && (leftOf(purchase) ?? 0) > (leftOf(before) ?? Number.POSITIVE_INFINITY))
    world.faults.push(`the time left grew at ${event.kind}`)
  for (const effect of effects) carryOut(world, tab, effect)
}

const leftOf = (purchase: Purchase): number | undefined => (purchase.kind === "following" ? purchase.leftMs : undefined)

const isSending = ({ calls }: World): boolean => calls.some(({ effect }) => effect.kind === "reserve")

function carryOut(world: World, tab: number, effect: Effect): void {
  switch (effect.kind) {
    case "claim": {
      if (isSending(world)) {
        world.waiting.push({ tab, effect })
        return
      }
      const isTaken = world.stored !== undefined && isLive(world.stored)
      const stored = isTaken && world.stored !== undefined ? world.stored : { wish: effect.wish }
      if (!isTaken) store(world, tab, stored)
      send(world, tab, { kind: "claimed", stored })
      return
    }
    case "store":
      store(world, tab, effect.record)
      return
    case "leave":
      world.left += 1
      return
    case "notify":
      return
    case "reserve": {
      const { stored } = world
      if (isSending(world)) world.waiting.push({ tab, effect })
      else if (stored && (stored.wish.key !== effect.wish.key || stored.known || stored.refused))
        send(world, tab, { kind: "elsewhere", stored })
      else sendWish(world, tab, effect)
      return
    }
    default:
      if (effect.kind === "pay" && world.stored !== undefined && world.stored.known?.id !== effect.id) {
        send(world, tab, { kind: "elsewhere", stored: world.stored })
        return
      }
      if (effect.kind === "pay" && !world.storedAttempts.includes(effect.attempt.key)) {
        world.faults.push("a payment was sent that was not stored")
      }
      world.calls.push({ tab, effect })
  }
}

function sendWish(world: World, tab: number, effect: Extract<Effect, { kind: "reserve" }>): void {
  if (world.stored?.wish.key !== effect.wish.key) world.faults.push("a key was sent that is not stored")
  world.calls.push({ tab, effect })
}

/** The lock is free: what waited for it goes on, until the next request is under way. */
function goOn(world: World): void {
  while (!isSending(world) && world.waiting.length > 0) {
    const next = world.waiting.shift()
    if (next !== undefined) carryOut(world, next.tab, next.effect)
  }
}

/** A browser tells the other tab of a text that has changed. */
function store(world: World, tab: number, stored: StoredPurchase | undefined): void {
  if (JSON.stringify(stored) === JSON.stringify(world.stored)) return
  // Another tab's wish that may hold something is never overwritten.
  if (world.stored !== undefined && world.stored.wish.key !== stored?.wish.key && isLive(world.stored)) return
  world.stored = stored
  if (stored?.attempt !== undefined) world.storedAttempts.push(stored.attempt.key)
  world.changes.push({ tab: 1 - tab })
}

/** The shopper reserves, with a new key. */
export const reserve = (world: World, tab: number): void => {
  world.keys += 1
  const wish = { key: `key-${world.keys}`, skuId: "sku-1", quantity: 1, joinWaitlist: false, askedAtMs: world.shop.nowMs }
  send(world, tab, { kind: "reserve", wish })
}

export const pay = (world: World, tab: number, method: string): void => {
  world.keys += 1
  send(world, tab, { kind: "pay", key: `key-${world.keys}`, method })
}

/** The oldest call comes to its end. `request-lost`: the shop never saw it. `answer-lost`: it took effect, and no answer came. */
export function deliver(world: World, how: "answered" | "request-lost" | "answer-lost"): void {
  const call = world.calls.shift()
  if (call === undefined) return
  bringAnswer(world, call, how)
  goOn(world)
}

function bringAnswer(world: World, call: World["calls"][number], how: "answered" | "request-lost" | "answer-lost"): void {
  const answer = how === "request-lost" ? undefined : answerOf(world.shop, call.effect)
  const heard = how === "answered" && answer !== undefined ? answer : ({ kind: "lost" } as const)
  const { tab, effect } = call
  if (effect.kind === "reserve") {
    send(world, tab, { kind: "reserve-answer", key: effect.wish.key, answer: heard as Answer<ReservationBody> })
  } else if (effect.kind === "pay") {
    send(world, tab, { kind: "pay-answer", key: effect.attempt.key, answer: heard as Answer<CheckoutAnswer> })
  } else {
    send(world, tab, { kind: `${effect.kind}-answer`, id: effect.id, answer: heard as Answer<ReservationBody> })
  }
}

/** The other tab sees the oldest change of the storage. */
export function showChange(world: World): void {
  const change = world.changes.shift()
  if (change !== undefined) send(world, change.tab, { kind: "elsewhere", stored: world.stored })
}

/** The tab is killed and opened again: answers to its calls come to nobody. */
export function reload(world: World, tab: number): void {
  const own = world.calls.filter((call) => call.tab === tab)
  for (const call of own) {
    world.calls.splice(world.calls.indexOf(call), 1)
    answerOf(world.shop, call.effect)
  }
  for (const list of [world.changes, world.waiting] as { readonly tab: number }[][]) {
    list.splice(0, list.length, ...list.filter((one) => one.tab !== tab))
  }
  world.tabs[tab] = restore(world.stored, atOf(world))
  goOn(world)
}

export function passTime(world: World, ms: number): void {
  world.shop.nowMs += ms
  world.steadyMs += ms
  happens(world.shop, "time")
  for (const tab of world.tabs.keys()) send(world, tab, { kind: "tick" })
}

/** Everything that is under way comes to its end, with a network that loses nothing. */
export function settle(world: World): void {
  // The shopper answers the question about an old request.
  for (const tab of world.tabs.keys()) send(world, tab, { kind: "ask-again" })
  for (let round = 0; round < 40; round += 1) {
    while (world.changes.length > 0) showChange(world)
    while (world.calls.length > 0) deliver(world, "answered")
    passTime(world, 5_000)
  }
}
