import { setTimeout as delay } from "node:timers/promises"
import type { SkuStats, Verification } from "../../core/contracts/http/admin.ts"
import type { TokenRequest } from "../../local/identity/issuer.ts"
import { isBusinessAnswer, nameOf, reservationIn, slugOf } from "../rehearsal/answers.ts"
import { createClient, type Reply, type Send } from "../rehearsal/client.ts"
import { assertReady, createSaleManager, type SaleManager } from "../rehearsal/manager.ts"
import { seededRandom } from "../rehearsal/random.ts"
import { readBack } from "../rehearsal/read-back.ts"
import { newStory, type Story } from "../rehearsal/story.ts"
import { headersOf, testHeadersOf } from "./clients.ts"
import type { Ask, Cohort } from "./cohort.ts"
import type { HoldCohort } from "./hold-cohort.ts"
import { type PlayedHoldSales, prepareHoldSales } from "./hold-sales.ts"

export interface Play {
  readonly url: string
  readonly sign: (request: TokenRequest) => Promise<string>
  readonly cohorts: readonly Cohort[]
  /** The cohorts of the sales with short holds, and the units of each of these sales. */
  readonly holdCohorts: readonly HoldCohort[]
  readonly holdStock: number
  readonly seconds: number
  readonly scale: number
  readonly seed: number
  readonly stock: number
  readonly stop: AbortSignal
  readonly progress: (text: string) => void
}

/** A request and its outcome. */
export interface Answered {
  readonly cohort: Cohort
  readonly answer: string
  /**
   * Refused because of the client. A refusal because all units are taken, or because the user has one already, does not count.
   */
  readonly refused: boolean
  /** Neither a business answer nor a refusal of the rate limiter. */
  readonly trouble: boolean
}

/** The result of the play. */
export interface Played {
  readonly answered: readonly Answered[]
  /** One for each reservation that was requested. */
  readonly stories: ReadonlyMap<Cohort, readonly Story[]>
  readonly unread: readonly string[]
  readonly stats: SkuStats
  readonly verification: Verification
  /** The sales with short holds. No count above includes them. */
  readonly holdSales: PlayedHoldSales
  /** The largest delay of the generator behind its plan. */
  readonly latestMs: number
}

const managerConnections = 32
const signedAtOnce = 16
/**
 * The length of a hold in the population's sale. It is longer than any run: a unit is never released, so that every later one
 * shows an inversion.
 */
const holdSeconds = 3_600
const settleTries = 300
const settleEveryMs = 100
/** The refusals of the rate limiter, and of clients that may not ask at all. */
const refusals: ReadonlySet<string | undefined> = new Set(["rate-limited", "unauthorized", "insufficient-scope"])

interface Planned {
  readonly ask: Ask
  readonly cohort: Cohort
  readonly story: Story
}

/**
 * Lets the whole population come to one sale at their planned times, whatever happens to earlier requests, and reads back what
 * each of them has. The two sales with short holds run at the same time.
 * @throws SystemUnusable when the sale cannot be created
 */
export async function playPopulation(play: Play): Promise<Played> {
  const skuId = `fairness-${Date.now().toString(36)}`
  const shoppers = createClient(play.url)
  const managers = createClient(play.url, managerConnections)
  try {
    await assertReady(managers.send, play.url)
    const admin = await play.sign({ sub: "fairness-manager", scope: "sales:admin" })
    const manager = createSaleManager(managers.send, admin, { skuId, stock: play.stock, holdSeconds })
    await manager.create()
    const { planned, stories } = await planAll(play, skuId)
    const holdSends = { shoppers: shoppers.send, managers: managers.send }
    const sleep = (ms: number) => delay(ms, undefined, { signal: play.stop }).catch(() => {})
    const holds = { ...play, ...holdSends, sleep, skuId, adminToken: admin, cohorts: play.holdCohorts, stock: play.holdStock }
    const playHoldSales = await prepareHoldSales(holds)
    play.progress(`${planned.length.toLocaleString("en")} requests in ${play.seconds} s for ${play.stock} units`)
    await manager.open()
    const [{ answered, latestMs, nowMs }, holdSales] = await Promise.all([
      letIn(play, shoppers.send, skuId, planned),
      playHoldSales(),
    ])
    const stats = await atRest(manager)
    const unread = await readBack(managers.send, skuId, [...stories.values()].flat(), nowMs)
    return { answered, stories, unread, stats, verification: await manager.verify(), holdSales, latestMs }
  } finally {
    await Promise.all([shoppers.close(), managers.close()])
  }
}

/** Plans every cohort with its own seed, so that an additional cohort changes no other, and logs every account in. */
async function planAll({ cohorts, seed, seconds, scale, sign }: Play, skuId: string) {
  const planned: Planned[] = []
  const stories = new Map<Cohort, Story[]>()
  const tokens = new Map<string, Promise<string>>()
  let under: Promise<unknown>[] = []
  for (const [index, cohort] of cohorts.entries()) {
    const own = new Map<string, Story>()
    for (const ask of cohort.plan({ random: seededRandom(seed * 1_000 + index), seconds, scale })) {
      const { name, tier, ageSeconds } = ask.account
      const token = tokens.get(name) ?? sign({ sub: `${skuId}-${name}`, tier, accountAgeSeconds: ageSeconds })
      tokens.set(name, token)
      under.push(token)
      if (under.length >= signedAtOnce) {
        await Promise.all(under)
        under = []
      }
      const story = own.get(ask.key) ?? newStory(plainPlan(planned.length, ask.atMs), await token)
      own.set(ask.key, story)
      planned.push({ ask, cohort, story })
    }
    stories.set(cohort, [...own.values()])
  }
  return { planned: planned.sort((a, b) => a.ask.atMs - b.ask.atMs), stories }
}

/** A winner keeps their hold to the end. No unit is released, so that the order of the units can be judged. */
const plainPlan = (number: number, arrivesAtMs: number): Story["plan"] => ({
  number,
  arrivesAtMs,
  reloadsAfterMs: [],
  joinsWaitlist: false,
  ending: "vanish",
  thinksMs: 0,
})

async function letIn({ stop, progress, seconds }: Play, send: Send, skuId: string, planned: readonly Planned[]) {
  const answered: Answered[] = []
  const startedMs = performance.now()
  const nowMs = () => performance.now() - startedMs
  const under: Promise<unknown>[] = []
  let latestMs = 0
  let shownSeconds = 0
  for (const one of planned) {
    const aheadMs = one.ask.atMs - nowMs()
    if (aheadMs > 0) await delay(aheadMs)
    if (stop.aborted) break
    latestMs = Math.max(latestMs, nowMs() - one.ask.atMs)
    under.push(askOnce(send, skuId, one, nowMs).then((answer) => answered.push(answer)))
    if (nowMs() / 1_000 >= shownSeconds + 10) {
      shownSeconds = Math.floor(nowMs() / 1_000)
      progress(`${shownSeconds} of ${seconds} s: ${under.length.toLocaleString("en")} requests sent`)
    }
  }
  await Promise.all(under)
  return { answered, latestMs, nowMs }
}

async function askOnce(send: Send, skuId: string, { ask, cohort, story }: Planned, nowMs: () => number): Promise<Answered> {
  const sentAtMs = nowMs()
  story.timesAsked += 1
  story.firstAskedAtMs ??= sentAtMs
  const reply = await send({
    method: "POST",
    path: "/v1/reservations",
    token: story.token,
    idempotencyKey: ask.key,
    body: { sku_id: skuId, quantity: 1 },
    headers: { ...headersOf(ask.agent), ...testHeadersOf(ask.edge) },
  })
  hear(story, reply, sentAtMs, nowMs())
  const refused = refusals.has(slugOf(reply))
  return { cohort, answer: nameOf(reply), refused, trouble: !refused && !isBusinessAnswer(reply) }
}

function hear(story: Story, reply: Reply, sentAtMs: number, atMs: number): void {
  const shown = reservationIn(reply)
  if (shown) story.heard.push({ ...shown, sentAtMs, atMs })
  else if (isBusinessAnswer(reply)) story.breaches.push(`a reservation was answered with ${JSON.stringify(reply)}`)
  if (reply.kind === "answer" && reply.location !== undefined) story.location = reply.location
}

/** Waits until every queued request is decided. @throws SystemUnusable */
async function atRest(manager: SaleManager): Promise<SkuStats> {
  let stats = await manager.stats()
  for (let tries = 1; tries < settleTries && stats.partition_backlog > 0; tries += 1) {
    await delay(settleEveryMs)
    stats = await manager.stats()
  }
  return stats
}
