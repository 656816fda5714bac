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
import { adminToken, shopperTokens } from "./tokens.ts"

export interface Stage {
  readonly options: RehearsalOptions
  /** Two clients: the manager does not stand in line with the shoppers. */
  readonly shoppers: Client
  readonly managers: Client
  readonly progress: Progress
  readonly at: Date
}

const mintingShownEvery = 500

/**
 * Rehearses a sale from its creation to the proof that nothing went wrong: tokens, the rush, the holds that run out, and then what
 * everyone was told against what the system says.
 *
 * @throws SystemUnusable when there is nothing to rehearse with
 */
export async function rehearse({ options, shoppers, managers, progress, at }: Stage): Promise<Report> {
  const { url, stock, holdSeconds } = options
  const skuId = `rehearsal-${at
    .toISOString()
    .replace(/[^0-9]/g, "")
    .slice(0, 17)}`
  await assertReady(managers.send, url)
  const manager = createSaleManager(managers.send, await adminToken(managers.send), { skuId, stock, holdSeconds })
  await manager.create()
  const plans = planShoppers(options)

  const mintingFromMs = performance.now()
  const names = plans.map(({ number }) => `${skuId}-${number}`)
  const tokens = await shopperTokens(managers.send, names, (minted) => {
    if (minted % mintingShownEvery === 0) progress.show(`${minted.toLocaleString("en")} of ${names.length} shoppers logged in`)
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

  progress.show("Reading back what everyone was told, and checking every invariant")
  const unread = await readBack(managers.send, stories, nowMs)
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
    mintedPerSecond,
    seconds,
    writerPeakPerSecond,
    outcomes: outcomesOf(stories),
    tally: summary,
    ...(units && { units }),
    checks,
    ok: checks.every(({ ok }) => ok),
  }
}
