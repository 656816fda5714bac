import { setTimeout as delay } from "node:timers/promises"
import type { SkuStats } from "../../core/contracts/http/admin.ts"
import { firstPhaseShare } from "./arrivals.ts"
import type { Send } from "./client.ts"
import { createEdge, noEdge } from "./edge.ts"
import { type Effort, measureEffort } from "./machine.ts"
import type { SaleManager } from "./manager.ts"
import type { ShopperPlan } from "./plan.ts"
import { momentLine, type Progress } from "./progress.ts"
import { playShopper, type World } from "./shopper.ts"
import type { Story } from "./story.ts"
import type { Tally } from "./tally.ts"

export interface SalePlay {
  readonly skuId: string
  readonly holdSeconds: number
  readonly plans: readonly ShopperPlan[]
  /** In the order of the plans. */
  readonly tokens: readonly string[]
  readonly send: Send
  readonly edge: boolean
  readonly tally: Tally
  readonly manager: SaleManager
  readonly progress: Progress
}

/** The result of the sale. */
export interface PlayedSale {
  readonly stories: readonly Story[]
  readonly seconds: number
  readonly writerPeakPerSecond: number
  /** From the opening to the last arrival. */
  readonly effort: Effort
  readonly firstPhase: FirstPhase
  readonly nowMs: () => number
  /** Why the sale did not end in time. */
  readonly unfinished?: string
}

/** The requests for a unit that were due by the end of the first phase, and those of them that were answered by then. */
export interface FirstPhase {
  readonly due: number
  readonly answered: number
}

const progressEveryMs = 1_000
/** From the last arrival: two holds one after the other, each ended up to ten seconds late, and a margin. */
const patience = { holds: 2, moreMs: 60_000 }
/** The longest time from the opening to the end of the sale, if its last shopper arrives then. */
export const longestSaleMs = (lastArrivalMs: number, holdSeconds: number): number =>
  lastArrivalMs + patience.holds * holdSeconds * 1_000 + patience.moreMs
/** The time in which a waiting shopper notices that the sale is over. */
const farewellMs = 15_000

/**
 * Opens the sale and lets every shopper arrive at their time, whatever happens to the shoppers before them. It closes the sale
 * once only waitlist entries are left and no hold can release a unit for them.
 *
 * @throws SystemUnusable when the sale cannot be opened
 */
export async function playSale(play: SalePlay): Promise<PlayedSale> {
  await play.manager.open()
  const openedMs = performance.now()
  const nowMs = () => performance.now() - openedMs
  const lastArrivalMs = play.plans.at(-1)?.arrivesAtMs ?? 0
  const deadlineMs = longestSaleMs(lastArrivalMs, play.holdSeconds)
  const originRead = readsOf(play)
  const edge = play.edge ? createEdge(originRead) : noEdge(originRead)
  const world: World = { ...play, edge, nowMs, sleep: delay, isOver: () => nowMs() > deadlineMs + farewellMs }

  const crowd = letIn(play, world)
  const watch = watchSale(play, world)
  let isAtRest = false
  while (!isAtRest && nowMs() < deadlineMs) {
    await delay(progressEveryMs)
    const stats = await watch.look()
    isAtRest = crowd.isDone() && stats?.reserved === 0 && stats.partition_backlog === 0
  }
  await play.manager.close().catch(() => {})
  await Promise.race([crowd.ended, delay(2 * farewellMs, undefined, { ref: false })])
  return {
    stories: crowd.stories,
    seconds: nowMs() / 1_000,
    writerPeakPerSecond: watch.writerPeakPerSecond(),
    effort: crowd.effort(),
    firstPhase: crowd.firstPhase(),
    nowMs,
    ...(!isAtRest && { unfinished: `${Math.round(deadlineMs / 1_000)} s after the opening: ${watch.last()}` }),
  }
}

/** Counts the reads of the origin. */
const readsOf =
  ({ send, tally }: SalePlay): Send =>
  async (request) => {
    const sentAtMs = performance.now()
    const reply = await send(request)
    tally.answered("availability", reply, performance.now() - sentAtMs)
    return reply
  }

/** Lets the shoppers arrive. */
function letIn({ plans, tokens, tally }: SalePlay, world: World) {
  const stories: Story[] = []
  const effortSoFar = measureEffort()
  const lastOfFirstPhase = Math.ceil(firstPhaseShare * plans.length)
  let effort: Effort | undefined
  let firstPhase: FirstPhase | undefined
  let gone = 0
  const run = async (): Promise<void> => {
    const visits: Promise<unknown>[] = []
    for (const [index, plan] of plans.entries()) {
      const aheadMs = plan.arrivesAtMs - world.nowMs()
      if (aheadMs > 0) await world.sleep(aheadMs)
      tally.arrived(Math.max(0, world.nowMs() - plan.arrivesAtMs))
      if (index === lastOfFirstPhase) firstPhase = firstPhaseOf(stories, plan.arrivesAtMs)
      const { story, done } = playShopper(world, plan, tokens[index] ?? "")
      stories.push(story)
      visits.push(done.then(() => (gone += 1)))
    }
    effort = effortSoFar()
    firstPhase ??= firstPhaseOf(stories, world.nowMs())
    await Promise.all(visits)
  }
  return {
    stories,
    effort: () => effort ?? effortSoFar(),
    firstPhase: () => firstPhase ?? firstPhaseOf(stories, world.nowMs()),
    ended: run(),
    /** True once every shopper has arrived, and has finished or is on the waitlist. */
    isDone: () => gone + stories.filter(({ isWaiting }) => isWaiting).length === plans.length,
  }
}

/**
 * @param endedAtMs when the phase ended by plan. A late generator reaches this moment later, and the answers until the plan's
 * moment count
 */
function firstPhaseOf(stories: readonly Story[], endedAtMs: number): FirstPhase {
  const due = stories.filter(({ plan }) => plan.arrivesAtMs + (plan.reservesAfterMs ?? Number.POSITIVE_INFINITY) <= endedAtMs)
  const isAnswered = ({ heard: [first] }: Story) => first !== undefined && first.atMs <= endedAtMs
  return { due: due.length, answered: due.filter(isAnswered).length }
}

/** Reads the counters of the sale, shows them, and keeps the writer's highest rate. */
function watchSale(play: SalePlay, world: World) {
  const { manager, tally, progress } = play
  let lastAtMs = world.nowMs()
  let lastDecisions = 0
  let peak = 0
  let line = ""
  const expectedMs = (play.plans.at(-1)?.arrivesAtMs ?? 0) + play.holdSeconds * 1_000
  return {
    async look(): Promise<SkuStats | undefined> {
      // A read that fails is a moment without numbers. The shoppers' own answers show what is wrong.
      const stats = await manager.stats().catch(() => undefined)
      const nowMs = world.nowMs()
      const elapsedMs = nowMs - lastAtMs
      const decisions = stats ? decisionsOf(stats) : lastDecisions
      peak = Math.max(peak, ((decisions - lastDecisions) * 1_000) / elapsedMs)
      const { decidedSoFar } = tally
      line = momentLine({
        elapsedSeconds: Math.round(nowMs / 1_000),
        decidedSoFar,
        ...tally.lap(elapsedMs),
        ...(stats && { stats }),
      })
      progress.show(line, nowMs / expectedMs)
      lastAtMs = nowMs
      lastDecisions = decisions
      return stats
    },
    last: () => line,
    writerPeakPerSecond: () => Math.round(peak),
  }
}

const decisionsOf = ({ decisions }: SkuStats): number =>
  decisions.reserved + decisions.waitlisted + Object.values(decisions.refused).reduce((sum, count) => sum + count, 0)
