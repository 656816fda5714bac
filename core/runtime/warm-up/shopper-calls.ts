import { randomUUID } from "node:crypto"
import { redisKeys } from "../../adapters/redis/keys.ts"
import { mapInParallel } from "../../concurrency/parallel.ts"
import { jsonOf } from "../../contracts/json.ts"
import { reservationIdOf } from "../../domain/ids.ts"
import type { ApiAnswer, ApiCall, Send } from "./api-call.ts"
import { type MakeHolds, openMakeHolds, openSoldOutSale, type WarmUpHold } from "./holds.ts"
import { type QueueDecider, startQueueDecider } from "./queue-decider.ts"
import type { WarmUpSale } from "./sales.ts"
import type { WarmUpShopper } from "./shoppers.ts"
import type { Round } from "./until-steady.ts"
import type { WarmUpWorld } from "./world.ts"

/** Calls of each kind in a round. The shares are those of a rush: most shoppers look, many lose, some win, few pay. */
const perRound = {
  won: 90,
  repeated: 20,
  soldOut: 120,
  queued: 20,
  availability: 150,
  status: 60,
  cancelled: 8,
  paid: 20,
  orders: 8,
}
const callsAtOnce = 24
const shoppersInAll = 240
/** A card that the local provider and Stripe's test mode accept. */
const card = "pm_card_visa"
const stock = 1_000_000

/** How often a kind of call was answered with a status. */
export type AnswerCounts = Map<string, number>

interface Kinds {
  readonly world: WarmUpWorld
  readonly send: (kind: string, call: ApiCall) => Promise<ApiAnswer>
  readonly next: () => WarmUpShopper
}

/** One call or several that belong together, of one kind. */
type Step = () => Promise<unknown>

/**
 * Prepares rounds of calls as shoppers make them, for the functions that the process has.
 * @param functions their folders in lambdas/
 * @param counts gets the answers by kind and status
 * @returns does one round
 */
export async function prepareShopperCalls(
  world: WarmUpWorld,
  functions: ReadonlySet<string>,
  send: Send,
  counts: AnswerCounts = new Map(),
): Promise<Round> {
  const shoppers = await world.shoppers(shoppersInAll)
  let turn = 0
  const kinds: Kinds = {
    world,
    next: () => shoppers[turn++ % shoppers.length] as WarmUpShopper,
    async send(kind, call) {
      const answer = await send(call)
      const key = `${kind} ${answer.status}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return answer
    },
  }
  const has = (name: string) => functions.has(name)
  const sale = await world.sales.open(stock)
  const needsHolds = has("reserve") || has("reservation") || has("checkout")
  const hold = needsHolds ? await openMakeHolds(world) : undefined
  const holdSteps = hold && prepareHoldSteps(kinds, has, sale, hold)
  const reserveSteps = hold && has("reserve") ? await prepareReserveSteps(kinds, sale, hold, has("reservation")) : []
  const readSteps: Step[] = [
    ...times(has("availability") ? perRound.availability : 0, () => look(kinds, sale)),
    ...times(has("catalogue") ? perRound.orders : 0, () => kinds.send("catalogue", { routeKey: "GET /v1/skus" })),
    ...times(has("orders") ? perRound.orders : 0, () =>
      kinds.send("orders", { routeKey: "GET /v1/orders", headers: bearer(kinds.next()) }),
    ),
  ]
  return async (timeLeftMs) => {
    // The rate limit of the shoppers begins anew with each round.
    await world.redis.unlink(shoppers.map(({ userId }) => redisKeys.bucket(userId)))
    const steps = shuffled([...readSteps, ...reserveSteps, ...((await holdSteps?.()) ?? [])])
    await mapInParallel(steps, callsAtOnce, (step) => step(), timeLeftMs)
  }
}

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step)

const bearer = ({ token }: WarmUpShopper) => ({ authorization: `Bearer ${token}` })

const look = ({ send }: Kinds, { skuId }: WarmUpSale) =>
  send("availability", { routeKey: "GET /v1/skus/{sku_id}/availability", parameters: { sku_id: skuId } })

/** Requests that win, that come twice, that lose, and that are answered with a position. */
async function prepareReserveSteps(kinds: Kinds, sale: WarmUpSale, hold: MakeHolds, hasStatus: boolean): Promise<Step[]> {
  const { world, send, next } = kinds
  const soldOut = await openSoldOutSale(world, hold)
  const decider = startQueueDecider(world, sale)
  const reserve = (kind: string, shopper: WarmUpShopper, { skuId }: WarmUpSale, key: string, headers = {}) =>
    send(kind, {
      routeKey: "POST /v1/reservations",
      headers: { ...bearer(shopper), "idempotency-key": key, ...headers },
      body: { sku_id: skuId, quantity: 1 },
    })
  return [
    ...times(perRound.won, () => win(reserve, decider, sale, next(), 1)),
    ...times(perRound.repeated, () => win(reserve, decider, sale, next(), 2)),
    ...times(perRound.soldOut, () => reserve("sold-out", next(), soldOut, randomUUID())),
    ...times(perRound.queued, async () => {
      const shopper = next()
      const answer = await reserve("queued", shopper, sale, randomUUID(), { prefer: "respond-async" })
      if (hasStatus) await readQueued(kinds, shopper, answer)
    }),
  ]
}

type Reserve = (kind: string, shopper: WarmUpShopper, sale: WarmUpSale, key: string) => Promise<ApiAnswer>

async function win(
  reserve: Reserve,
  decider: QueueDecider,
  sale: WarmUpSale,
  shopper: WarmUpShopper,
  calls: number,
): Promise<void> {
  const key = randomUUID()
  decider.expect(reservationIdOf(shopper.userId, key), shopper)
  for (let call = 1; call <= calls; call += 1) await reserve(call === 1 ? "won" : "repeated", shopper, sale, key)
}

async function readQueued({ send }: Kinds, shopper: WarmUpShopper, { body }: ApiAnswer): Promise<void> {
  const { reservation_id: id, receipt } = jsonOf(body) as { reservation_id?: string; receipt?: string }
  if (id === undefined || receipt === undefined) return
  const routeKey = "GET /v1/reservations/{reservation_id}"
  await send("status-queued", { routeKey, parameters: { reservation_id: id }, query: { receipt }, headers: bearer(shopper) })
}

/** Status, cancel and checkout of holds. Each round has holds of its own. */
function prepareHoldSteps(
  { world, send }: Kinds,
  has: (name: string) => boolean,
  sale: WarmUpSale,
  hold: MakeHolds,
): () => Promise<Step[]> {
  const about = (routeKey: string, { id, shopper }: WarmUpHold<WarmUpShopper>, more: Partial<ApiCall> = {}): ApiCall => ({
    routeKey,
    parameters: { reservation_id: id },
    ...more,
    headers: { ...bearer(shopper), ...more.headers },
  })
  const pay = (each: WarmUpHold<WarmUpShopper>) =>
    send(
      "paid",
      about("POST /v1/reservations/{reservation_id}/checkout", each, {
        headers: { "idempotency-key": randomUUID() },
        body: { payment_method: card },
      }),
    )
  return async () => {
    const paid = has("checkout") ? perRound.paid : 0
    const cancelled = has("reservation") ? perRound.cancelled : 0
    const { holds } = await hold(sale, await world.shoppers(paid + cancelled))
    const [toPay, toCancel] = [holds.slice(0, paid), holds.slice(paid)]
    const status = (each: WarmUpHold<WarmUpShopper>) => send("status", about("GET /v1/reservations/{reservation_id}", each))
    return [
      ...toPay.map((each) => () => pay(each)),
      ...toCancel.map((each) => () => send("cancelled", about("DELETE /v1/reservations/{reservation_id}", each))),
      ...(has("reservation")
        ? holds.flatMap((each) => times(perRound.status / (paid + cancelled || 1), () => status(each)))
        : []),
    ]
  }
}

/** In another order each time: a rush has no order, and code that always sees the same one is compiled for it. */
function shuffled<Item>(items: Item[]): Item[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = Math.floor(Math.random() * (index + 1))
    ;[items[index], items[other]] = [items[other] as Item, items[index] as Item]
  }
  return items
}
