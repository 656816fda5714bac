import { setTimeout as delay } from "node:timers/promises"
import { reservationIn } from "./answers.ts"
import type { Client, Send } from "./client.ts"
import { climb, leastInTimeShare, type Probe, type ProbeStep } from "./climb.ts"
import { createEdge, noEdge } from "./edge.ts"
import { createSaleManager, type SaleManager } from "./manager.ts"
import type { ShopperPlan } from "./plan.ts"
import { seededRandom } from "./random.ts"
import { limitsMs } from "./service-levels.ts"
import { playShopper, type World } from "./shopper.ts"
import type { Logins } from "./tokens.ts"

export interface ProbeOptions {
  /** The beginning of the names of its SKUs and shoppers. */
  readonly name: string
  readonly logins: Logins
  readonly shoppers: Client
  readonly managers: Client
  readonly edge: boolean
  readonly seed: number
  readonly holdSeconds: number
  /** The rates that are tried, the lowest first. */
  readonly rates?: readonly number[]
}

const stepSeconds = 0.7
/** A step that piles up requests ends at the latest this long after its last arrival, so that the next one meets few of them. */
const patienceMs = 1_000
/**
 * In the rush of the reference shape one shopper in twelve wins, and the payments of all of them fall into eight seconds. The
 * probe's winners pay at once, so that one in nine loads the machine as much.
 */
const shoppersPerWinner = 9
/** One winner in this many cancels, the others pay: no unit stays held. */
const winnersPerCancel = 8
/** More than the probe can sell. */
const stock = 1_000
const thinksMs = 100
/** The last payments of the probe must not fall into the sale. */
const settleMs = 5_000
const settleEveryMs = 100

/**
 * Finds out how many arrivals a second this machine carries, together with the load generator: shoppers of the probe's own come
 * to two SKUs of its own, one with units and one without, at a rate that rises from step to step. Afterwards both SKUs are closed
 * and nothing is held.
 *
 * @throws SystemUnusable when the SKUs cannot be created
 */
export async function probeMachine(options: ProbeOptions): Promise<Probe> {
  const { name, logins, managers, holdSeconds, rates } = options
  const token = await logins.admin()
  const skuOf = (kind: string, units: number) => {
    const skuId = `${name}-probe-${kind}`
    return { skuId, manager: createSaleManager(managers.send, token, { skuId, stock: units, holdSeconds }) }
  }
  const [some, none] = [skuOf("some", stock), skuOf("none", 0)]
  const crowd = createCrowd(options, some.skuId, none.skuId)
  const both = [some.manager, none.manager]
  for (const manager of both) await manager.create()
  try {
    for (const manager of both) await manager.open()
    return await climb(crowd.playStep, rates)
  } finally {
    await crowd.leave()
    await Promise.all(both.map((manager) => manager.close().catch(() => {})))
    await settle(some.manager)
  }
}

/** Plays the shoppers of the probe. */
function createCrowd({ name, logins, shoppers, edge, seed, holdSeconds }: ProbeOptions, someId: string, noneId: string) {
  const random = seededRandom(seed)
  const startedMs = performance.now()
  const nowMs = () => performance.now() - startedMs
  const reads = edge ? createEdge(shoppers.send) : noEdge(shoppers.send)
  const visits: Promise<unknown>[] = []
  let arrived = 0
  let isOver = false

  const worldOf = (skuId: string, answers: StepAnswers, send: Send): World => ({
    ...{ skuId, holdSeconds, send, edge: reads, nowMs, sleep: delay, tally: answers.tally, isOver: () => isOver },
  })

  return {
    async playStep(rate: number): Promise<ProbeStep> {
      const first = arrived
      const count = Math.round(rate * stepSeconds)
      arrived += count
      const names = Array.from({ length: count }, (_, index) => `${name}-probe-${first + index}`)
      const tokens = await logins.shoppers(names, () => {})
      const answers = countAnswers(Math.ceil(count * leastInTimeShare), nowMs)
      const worlds = { some: worldOf(someId, answers, shoppers.send), none: worldOf(noneId, answers, shoppers.send) }
      const beganMs = nowMs()
      let dueMs = beganMs
      for (const [index, token] of tokens.entries()) {
        const plan = planOf(first + index, dueMs)
        if (nowMs() < dueMs) await delay(dueMs - nowMs())
        visits.push(playShopper((first + index) % shoppersPerWinner === 0 ? worlds.some : worlds.none, plan, token).done)
        dueMs -= (Math.log(1 - random()) * 1_000) / rate
      }
      const giveUpMs = nowMs() + patienceMs
      while (answers.nearlyAllAtMs() === undefined && nowMs() < giveUpMs) await delay(1)
      const inTimeShare = answers.inTime() / count
      const tookMs = (answers.nearlyAllAtMs() ?? nowMs()) - beganMs
      return {
        ...{ offeredPerSecond: rate, inTimeShare, held: inTimeShare >= leastInTimeShare },
        answeredPerSecond: Math.round((answers.all() * 1_000) / tookMs),
      }
    },
    /** Resolves when every shopper of the probe is gone; waits only so long. */
    async leave(): Promise<void> {
      isOver = true
      await Promise.race([Promise.all(visits), delay(settleMs, undefined, { ref: false })])
    },
  }
}

function planOf(number: number, arrivesAtMs: number): ShopperPlan {
  const ending = number % (shoppersPerWinner * winnersPerCancel) === 0 ? "cancel" : "pay"
  return { number, arrivesAtMs, reloadsAfterMs: [], reservesAfterMs: 0, joinsWaitlist: false, ending, thinksMs }
}

type StepAnswers = ReturnType<typeof countAnswers>

/** Counts the shoppers of one step who know the outcome: a decision, or a refusal by admission. */
function countAnswers(nearlyAll: number, nowMs: () => number) {
  let all = 0
  let inTime = 0
  let nearlyAllAtMs: number | undefined
  const note = (latencyMs: number): void => {
    all += 1
    if (latencyMs <= limitsMs.decision) inTime += 1
    if (all === nearlyAll) nearlyAllAtMs = nowMs()
  }
  const tally: World["tally"] = {
    looked() {},
    decided: note,
    answered(call, reply, latencyMs) {
      const heard = call === "reserve" ? reservationIn(reply) : undefined
      if (heard?.status === "REFUSED" && !heard.decided) note(latencyMs)
    },
  }
  return { tally, all: () => all, inTime: () => inTime, nearlyAllAtMs: () => nearlyAllAtMs }
}

/** Waits until no unit of the probe is held and no request of it waits in the queue; waits only so long. */
async function settle(manager: SaleManager): Promise<void> {
  const giveUpMs = performance.now() + settleMs
  while (performance.now() < giveUpMs) {
    const stats = await manager.stats().catch(() => undefined)
    if (stats?.reserved === 0 && stats.partition_backlog === 0) return
    await delay(settleEveryMs)
  }
}
