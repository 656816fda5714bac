import type { SkuStats } from "../../core/contracts/http/admin.ts"
import type { TokenRequest } from "../../local/identity/issuer.ts"
import type { Send } from "../rehearsal/client.ts"
import { noEdge } from "../rehearsal/edge.ts"
import { createSaleManager, type SaleManager } from "../rehearsal/manager.ts"
import { seededRandom } from "../rehearsal/random.ts"
import { readBack } from "../rehearsal/read-back.ts"
import { playBlindShopper, type World } from "../rehearsal/shopper.ts"
import { allocationOf, type Story } from "../rehearsal/story.ts"
import { createTally, type TallySummary } from "../rehearsal/tally.ts"
import { testHeadersOf } from "./clients.ts"
import type { HoldAccount, HoldCohort } from "./hold-cohort.ts"

/** Two sales with the same cohorts: one has the default limit on unpaid holds, the other has the highest. */
export interface HoldPlay {
  readonly skuId: string
  readonly sign: (request: TokenRequest) => Promise<string>
  readonly shoppers: Send
  readonly managers: Send
  readonly adminToken: string
  readonly cohorts: readonly HoldCohort[]
  readonly stock: number
  readonly seconds: number
  readonly scale: number
  readonly seed: number
  readonly stop: AbortSignal
  /** Ends the sales early when it is aborted. */
  readonly sleep: (ms: number) => Promise<unknown>
}

/** The play of one of the two sales. */
export interface PlayedHoldSale {
  readonly stock: number
  readonly holdSeconds: number
  readonly seconds: number
  readonly cohorts: ReadonlyMap<HoldCohort, PlayedHoldCohort>
  readonly unread: readonly string[]
  readonly stats: SkuStats
}

/** A story is one request for a unit and its outcome. */
export interface PlayedHoldCohort {
  /** By account, in the order of its requests. */
  readonly stories: readonly (readonly Story[])[]
  readonly tally: TallySummary
}

export interface PlayedHoldSales {
  readonly limited: PlayedHoldSale
  readonly lifted: PlayedHoldSale
}

/** The highest limit that a SKU can have: no account reaches it. */
export const liftedMaxUnpaidHolds = 1_000
/** A hold is this share of the run, so that an account can have ten of them at most. */
const holdShareOfRun = 0.1
/** The seeds of these cohorts start here; those of the population start at 0. */
const firstSeed = 900
const seedsOfRun = 1_000
const msPerSecond = 1_000
/** From the end of the sale: how long a failed request may still be repeated. */
const patienceMs = 15_000

interface Ready {
  readonly play: HoldPlay
  readonly skuId: string
  readonly holdSeconds: number
  readonly manager: SaleManager
  readonly guests: readonly Guest[]
}

interface Guest extends HoldAccount {
  readonly cohort: HoldCohort
  readonly token: string
}

/**
 * Creates both sales, and logs every account in.
 *
 * @returns a function that opens both sales and plays them at the same time, until every account has finished
 * @throws SystemUnusable when a sale cannot be created
 */
export async function prepareHoldSales(play: HoldPlay): Promise<() => Promise<PlayedHoldSales>> {
  const limited = await prepare(play, 0)
  const lifted = await prepare(play, 1, liftedMaxUnpaidHolds)
  return async () => {
    const [first, second] = await Promise.all([playSale(limited), playSale(lifted)])
    return { limited: first, lifted: second }
  }
}

async function prepare(play: HoldPlay, sale: number, maxUnpaidHolds?: number): Promise<Ready> {
  const { seconds, scale, seed, stock, cohorts, sign } = play
  const skuId = `${play.skuId}-holds-${sale}`
  const holdSeconds = Math.max(1, Math.round(seconds * holdShareOfRun))
  const terms = { skuId, stock, holdSeconds, ...(maxUnpaidHolds !== undefined && { maxUnpaidHolds }) }
  const manager = createSaleManager(play.managers, play.adminToken, terms)
  await manager.create()
  const guests: Guest[] = []
  for (const [index, cohort] of cohorts.entries()) {
    const random = seededRandom(seed * seedsOfRun + firstSeed + index)
    for (const planned of cohort.plan({ random, seconds, scale, holdSeconds, sale })) {
      const { name, tier, ageSeconds } = planned.account
      guests.push({ ...planned, cohort, token: await sign({ sub: `${skuId}-${name}`, tier, accountAgeSeconds: ageSeconds }) })
    }
  }
  return { play, skuId, holdSeconds, manager, guests }
}

async function playSale({ play, skuId, holdSeconds, manager, guests }: Ready): Promise<PlayedHoldSale> {
  const { shoppers, managers, stop, sleep, stock, seconds } = play
  await manager.open()
  const openedMs = performance.now()
  const nowMs = () => performance.now() - openedMs
  const endMs = seconds * msPerSecond
  const tallies = new Map(play.cohorts.map((cohort) => [cohort, createTally()]))
  let requests = 0
  const nextNumber = () => (requests += 1)
  const visits = guests.map((guest) => {
    const send: Send = (request) => shoppers({ ...request, headers: { ...request.headers, ...testHeadersOf(guest.edge) } })
    const tally = tallies.get(guest.cohort) ?? createTally()
    const isOver = () => stop.aborted || nowMs() > endMs + patienceMs
    return visit({ skuId, holdSeconds, send, edge: noEdge(send), tally, nowMs, sleep, isOver }, guest, { endMs, nextNumber })
  })
  const stories = await Promise.all(visits)
  const unread = await readBack(managers, skuId, stories.flat(), nowMs)
  const playedBy = (cohort: HoldCohort) => stories.filter((_, index) => guests[index]?.cohort === cohort)
  return {
    ...{ stock, holdSeconds, seconds, unread, stats: await manager.stats() },
    cohorts: new Map(
      [...tallies].map(([cohort, tally]) => [cohort, { stories: playedBy(cohort), tally: tally.summary() }] as const),
    ),
  }
}

interface Visit {
  readonly endMs: number
  /** Numbers the requests of a sale: each has a key of its own. */
  readonly nextNumber: () => number
}

/** Plays one account until the sale's end. @returns a story for each of its requests */
async function visit(world: World, { token, firstAskMs, conduct }: Guest, { endMs, nextNumber }: Visit): Promise<Story[]> {
  const { ending, thinksMs } = conduct.kind === "buys-once" ? conduct : { ending: "vanish" as const, thinksMs: 0 }
  const stories: Story[] = []
  for (let arrivesAtMs = firstAskMs; arrivesAtMs < endMs && !world.isOver(); ) {
    await world.sleep(Math.max(0, arrivesAtMs - world.nowMs()))
    const plan = { number: nextNumber(), arrivesAtMs, reloadsAfterMs: [], joinsWaitlist: false, ending, thinksMs }
    const { story, done } = playBlindShopper(world, plan, token)
    stories.push(story)
    await done
    if (conduct.kind === "buys-once") break
    arrivesAtMs = nextAskMs(story, world.holdSeconds * msPerSecond, world.nowMs() + conduct.retryMs)
  }
  return stories
}

/**
 * When an account that never pays asks again: at the end of its hold, one hold after a refusal by the limit, or soon when all
 * units are taken.
 */
function nextAskMs(story: Story, holdMs: number, retryAtMs: number): number {
  const limitedAt = story.heard.find(({ reason }) => reason === "hold-limit-reached")
  const from = allocationOf(story) ?? limitedAt
  return from === undefined ? retryAtMs : from.atMs + holdMs
}
