import { checkRehearsal } from "./checks.ts"
import type { Client } from "./client.ts"
import { machineOf } from "./machine.ts"
import { assertReady, createSaleManager } from "./manager.ts"
import type { RehearsalOptions } from "./options.ts"
import { outcomesOf } from "./outcomes.ts"
import { planShoppers } from "./plan.ts"
import type { Progress } from "./progress.ts"
import { readBack } from "./read-back.ts"
import type { Report } from "./report.ts"
import { playSale } from "./sale.ts"
import { createTally } from "./tally.ts"
import type { Logins } from "./tokens.ts"

export interface Stage {
  readonly options: RehearsalOptions
  readonly logins: Logins
  /** Two clients: the manager's requests do not wait behind those of the shoppers. */
  readonly shoppers: Client
  readonly managers: Client
  readonly progress: Progress
  readonly at: Date
}

const mintingShownEvery = 500

/**
 * Rehearses a sale: creates it, gets the tokens, lets the shoppers come, waits until the holds have ended, and compares what the
 * shoppers received with the state of the system.
 *
 * @throws SystemUnusable when there is no system to rehearse with
 */
export async function rehearse({ options, logins, shoppers, managers, progress, at }: Stage): Promise<Report> {
  const { url, stock, holdSeconds } = options
  const skuId = `rehearsal-${at
    .toISOString()
    .replace(/[^0-9]/g, "")
    .slice(0, 17)}`
  await assertReady(managers.send, url)
  const manager = createSaleManager(managers.send, await logins.admin(), { skuId, stock, holdSeconds })
  await manager.create()
  const plans = planShoppers(options)

  const mintingFromMs = performance.now()
  const names = plans.map(({ number }) => `${skuId}-${number}`)
  const tokens = await logins.shoppers(names, (loggedIn) => {
    if (loggedIn % mintingShownEvery === 0)
      progress.show(`${loggedIn.toLocaleString("en")} of ${names.length} shoppers logged in`)
  })
  progress.end()
  const mintedPerSecond = Math.round((tokens.length * 1_000) / (performance.now() - mintingFromMs))

  const tally = createTally()
  const { stories, nowMs, unfinished, seconds, writerPeakPerSecond, effort } = await playSale({
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
    ...(units && { units }),
    checks,
    ok: checks.every(({ ok }) => ok),
  }
}
