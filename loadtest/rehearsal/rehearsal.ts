import { countedFigures } from "./analytics.ts"
import { curveOf, firstPhaseShare } from "./arrivals.ts"
import { checkRehearsal } from "./checks.ts"
import type { Client } from "./client.ts"
import type { Probe } from "./climb.ts"
import { loadOf } from "./load.ts"
import { machineOf } from "./machine.ts"
import { createSaleManager } from "./manager.ts"
import { outcomesOf } from "./outcomes.ts"
import { planShoppers } from "./plan.ts"
import type { Progress } from "./progress.ts"
import { readBack } from "./read-back.ts"
import type { Report } from "./report.ts"
import { playSale } from "./sale.ts"
import { serviceLevelsOf } from "./service-levels.ts"
import type { RehearsalOptions } from "./settings.ts"
import type { Story } from "./story.ts"
import { createTally } from "./tally.ts"
import type { Logins } from "./tokens.ts"

export interface Stage {
  /** The beginning of the names of its SKU and its shoppers. */
  readonly name: string
  readonly options: RehearsalOptions
  /** What chose the peak. */
  readonly probe?: Probe
  readonly logins: Logins
  /** Two clients: the manager's requests do not wait behind those of the shoppers. */
  readonly shoppers: Client
  readonly managers: Client
  readonly progress: Progress
  readonly at: Date
}

const mintingShownEvery = 500

/** The name of a rehearsal that begins now. */
export const nameAt = (at: Date): string =>
  `rehearsal-${at
    .toISOString()
    .replace(/[^0-9]/g, "")
    .slice(0, 17)}`

/**
 * Rehearses a sale: creates it, gets the tokens, lets the shoppers come, waits until the holds have ended, and compares what the
 * shoppers received with the state of the system.
 *
 * @throws SystemUnusable when there is no system to rehearse with
 */
export async function rehearse(stage: Stage): Promise<Report> {
  const { name: skuId, options, probe, logins, shoppers, managers, progress, at } = stage
  const { stock, holdSeconds } = options
  const manager = createSaleManager(managers.send, await logins.admin(), { skuId, stock, holdSeconds })
  await manager.create()
  const plans = planShoppers(options)

  const mintingFromMs = performance.now()
  const names = plans.map(({ number }) => `${skuId}-${number}`)
  const tokens = await logins.shoppers(names, (loggedIn) => {
    if (loggedIn % mintingShownEvery === 0)
      progress.show(`${loggedIn.toLocaleString("en")} of ${names.length} shoppers logged in`, loggedIn / names.length)
  })
  progress.end()
  const mintedPerSecond = Math.round((tokens.length * 1_000) / (performance.now() - mintingFromMs))

  const tally = createTally()
  const { stories, nowMs, unfinished, seconds, writerPeakPerSecond, effort, firstPhase } = await playSale({
    skuId,
    holdSeconds,
    plans,
    tokens,
    send: shoppers.send,
    edge: options.edge,
    tally,
    manager,
    progress,
  })
  progress.end()

  progress.show("Reading back every reservation and order, and checking every invariant")
  const unread = await readBack(managers.send, skuId, stories, nowMs)
  const units = await manager.stats().catch(() => undefined)
  const verification = await manager.verify().catch(() => undefined)
  progress.show("Waiting until analytics has counted the events of the sale")
  const analytics = units && (await countedFigures(manager.analytics, { stats: units, stories }))
  progress.end()

  const summary = tally.summary()
  const checks = checkRehearsal({
    stock,
    holdSeconds,
    stories,
    tally: summary,
    unread,
    ...(unfinished && { unfinished }),
    ...(units && { stats: units }),
    ...(verification && { verification }),
    ...(analytics && { analytics }),
  })
  return {
    at: at.toISOString(),
    skuId,
    options,
    machine: machineOf(),
    effort,
    ...(options.tokensFile === undefined && { mintedPerSecond }),
    seconds,
    writerPeakPerSecond,
    outcomes: outcomesOf(stories),
    tally: summary,
    ...(probe && { probe }),
    serviceLevels: serviceLevelsOf(summary),
    load: loadOf(effort, firstPhase, summary.generatorLag.p95Ms),
    firstPhaseShare,
    firstPhaseSeconds: curveOf(options).firstPhaseMs / 1_000,
    ...soldOutIn(stories),
    ...(units && { units }),
    ...(analytics && { analytics }),
    checks,
    ok: checks.every(({ ok }) => ok),
  }
}

/** When the first shopper read that all units are taken. */
function soldOutIn(stories: readonly Story[]): Pick<Report, "soldOutAfterSeconds"> {
  const answers = stories.flatMap(({ heard }) => heard.filter(({ reason }) => reason === "sold-out"))
  if (answers.length === 0) return {}
  return { soldOutAfterSeconds: answers.reduce((first, { atMs }) => Math.min(first, atMs), Number.POSITIVE_INFINITY) / 1_000 }
}
