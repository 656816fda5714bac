import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { mayReserve } from "../../../web/src/machine/purchase.ts"
import type { Purchase } from "../../../web/src/machine/purchase-state.ts"
import { isLive } from "../../../web/src/machine/stored-purchase.ts"
import { deliver, openWorld, passTime, pay, reload, reserve, send, settle, showChange, type World } from "./simulated-device.ts"
import { happens, liveKeys, payingKeys } from "./simulated-shop.ts"

const methods = ["visa", "declined", "confirm", "silent"] as const
const nexts = ["hold", "queue", "waitlist", "sold-out", "halted"] as const
const whats = ["decide", "promote", "expire", "confirm", "fail"] as const
const hows = ["answered", "request-lost", "answer-lost"] as const

type Action = (world: World) => void

const tab = fc.constantFrom(0, 1)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: tab.map((one) => (world: World) => reserve(world, one)) },
  {
    weight: 3,
    arbitrary: fc.tuple(tab, fc.constantFrom(...methods)).map(
      ([one, method]) =>
        (world: World) =>
          pay(world, one, method),
    ),
  },
  { weight: 1, arbitrary: tab.map((one) => (world: World) => send(world, one, { kind: "cancel" })) },
  { weight: 1, arbitrary: tab.map((one) => (world: World) => send(world, one, { kind: "dismiss" })) },
  { weight: 1, arbitrary: tab.map((one) => (world: World) => send(world, one, { kind: "ask-again" })) },
  { weight: 1, arbitrary: tab.map((one) => (world: World) => send(world, one, { kind: "wake" })) },
  { weight: 2, arbitrary: tab.map((one) => (world: World) => reload(world, one)) },
  { weight: 6, arbitrary: fc.constantFrom(...hows).map((how) => (world: World) => deliver(world, how)) },
  { weight: 2, arbitrary: fc.constant<Action>(showChange) },
  { weight: 4, arbitrary: fc.constantFrom(500, 3_000, 20_000, 130_000).map((ms) => (world: World) => passTime(world, ms)) },
  { weight: 2, arbitrary: fc.constantFrom(...whats).map((what) => (world: World) => happens(world.shop, what)) },
  { weight: 1, arbitrary: fc.constantFrom(...nexts).map((next) => (world: World) => Object.assign(world.shop, { next })) },
)
const history = fc.array(action, { minLength: 1, maxLength: 60, size: "max" })

/** Keys of requests that hold or may come to hold something: alive in the shop, or on their way to it. */
const keysInPlay = ({ shop, calls }: World): ReadonlySet<string> =>
  new Set([...liveKeys(shop), ...calls.flatMap(({ effect }) => (effect.kind === "reserve" ? [effect.wish.key] : []))])

const paymentsInPlay = ({ shop, calls }: World): ReadonlySet<string> =>
  new Set([
    ...payingKeys(shop).filter((key) => shop.attempts[key]?.status !== "abandoned"),
    ...calls.flatMap(({ effect }) => (effect.kind === "pay" ? [effect.attempt.key] : [])),
  ])

/** Runs a history and checks after each action. */
function run(actions: readonly Action[], check: (world: World) => void): World {
  const world = openWorld()
  for (const act of actions) {
    act(world)
    check(world)
  }
  return world
}

const holds = (check: (actions: readonly Action[]) => unknown): void =>
  fc.assert(
    fc.property(history, (actions) => {
      check(actions)
    }),
    { numRuns: 700 },
  )

describe("whatever two tabs, the network and the shop do", () => {
  test("the device knows every request that may hold something: the page never says that there is none", () => {
    holds((actions) =>
      run(actions, (world) => {
        for (const key of keysInPlay(world)) {
          expect(world.stored?.wish.key).toBe(key)
          if (liveKeys(world.shop).includes(key)) expect(world.stored !== undefined && isLive(world.stored)).toBe(true)
        }
      }),
    )
  })

  test("a tab that read of a request never offers another one while the first may hold something", () => {
    holds((actions) =>
      run(actions, ({ tabs, shop }) => {
        for (const purchase of tabs) {
          if (purchase.kind === "nothing" || !mayReserve(purchase)) continue
          expect(liveKeys(shop)).not.toContain(keyOf(purchase))
        }
      }),
    )
  })

  test("never are two keys of one sale in play", () => {
    holds((actions) => run(actions, (world) => expect(keysInPlay(world).size).toBeLessThanOrEqual(1)))
  })

  test("never is more than one payment recorded as open or paid, and never are two paid", () => {
    holds((actions) =>
      run(actions, (world) => {
        expect(payingKeys(world.shop).length).toBeLessThanOrEqual(new Set(world.shop.reservations.map(({ id }) => id)).size)
        for (const { id } of world.shop.reservations) {
          const paid = Object.values(world.shop.attempts).filter((one) => one.reservationId === id && one.status === "paid")
          expect(paid.length).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  test("one tab never has two payments in play", () => {
    holds((actions) => {
      const world = openWorld()
      for (const act of actions) {
        act(world)
        // The other tab is closed all the time.
        world.tabs[1] = { kind: "nothing" }
        world.changes.length = 0
        world.calls.splice(0, world.calls.length, ...world.calls.filter((call) => call.tab === 0))
        const open = [...paymentsInPlay(world)].filter((key) => world.shop.attempts[key]?.status !== "paid")
        expect(open.length).toBeLessThanOrEqual(1)
      }
    })
  })

  test("what is sent is stored before, and the time left grows by an answer only", () => {
    holds((actions) => run(actions, ({ faults }) => expect(faults).toEqual([])))
  })

  test("the page leaves for the bank at most once for each payment", () => {
    holds((actions) => run(actions, ({ left, keys }) => expect(left).toBeLessThanOrEqual(keys)))
  })

  test("a reload at any moment comes to the same end", () => {
    holds((actions) => {
      const world = run(actions, () => undefined)
      // A wish that is not stored yet is not sent either: after a reload the shopper presses the button again.
      fc.pre(world.tabs.every(({ kind }) => kind !== "claiming"))
      const reloaded = structuredClone(world)
      for (const one of [0, 1]) reload(reloaded, one)
      for (const one of [world, reloaded]) settle(one)
      expect(keptOf(reloaded)).toEqual(keptOf(world))
      expect(liveKeys(reloaded.shop)).toEqual(liveKeys(world.shop))
      for (const one of [0, 1]) {
        if (world.tabs[one]?.kind !== "nothing") expect(endOf(reloaded.tabs[one])).toEqual(endOf(world.tabs[one]))
      }
    })
  })
})

const keyOf = (purchase: Purchase): string | undefined => (purchase.kind === "nothing" ? undefined : purchase.wish.key)

/** What the device keeps, without moments and ends: a tab that reads an end again may store one that the other dismissed. */
const keptOf = ({ stored }: World): unknown =>
  stored !== undefined && isLive(stored) ? [stored.wish.key, stored.known?.status, stored.attempt?.key] : "nothing"

/** What a shopper sees of a purchase that has come to rest. One tab may still show an end that the other one has dismissed. */
function endOf(purchase: Purchase | undefined): string {
  if (purchase?.kind !== "following") return purchase?.kind === "refused" ? "nothing" : (purchase?.kind ?? "nothing")
  return mayReserve(purchase) ? "nothing" : `${purchase.known.status} ${purchase.payment.kind}`
}
