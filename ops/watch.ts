import { setTimeout as delay } from "node:timers/promises"
import type { SkuStats } from "../core/contracts/http/admin.ts"
import type { Ask } from "./client.ts"

const headers = ["time", "status", "available", "reserved", "sold", "waiting", "refused", "in queue*", "decided/s"] as const
const width = 11
const footnote = "* undecided records of the SKU's partition, also those of other SKUs"

/** Prints the counters of a sale, one line for each interval, `rounds` times. @throws the errors of `ask` */
export async function watch(
  ask: Ask,
  skuId: string,
  options: { intervalMs: number; rounds: number; json: boolean },
): Promise<void> {
  let before: { decided: number; atMs: number } | undefined
  if (!options.json) console.log(`${headers.map((header) => header.padStart(width)).join("")}\n${footnote}`)
  for (let round = 0; round < options.rounds; round += 1) {
    if (round > 0) await delay(options.intervalMs)
    const stats = await ask({ command: "stats", sku_id: skuId })
    const now = { decided: decidedOf(stats), atMs: performance.now() }
    const perSecond = before ? ((now.decided - before.decided) * 1_000) / (now.atMs - before.atMs) : 0
    before = now
    console.log(options.json ? JSON.stringify(stats) : rowOf(stats, perSecond))
  }
}

const refusedOf = ({ decisions }: SkuStats): number => Object.values(decisions.refused).reduce((sum, times) => sum + times, 0)
const decidedOf = (stats: SkuStats): number => stats.decisions.reserved + stats.decisions.waitlisted + refusedOf(stats)

const rowOf = (stats: SkuStats, perSecond: number): string =>
  [
    new Date().toISOString().slice(11, 19),
    stats.status,
    stats.available,
    stats.reserved,
    stats.sold,
    stats.waitlisted,
    refusedOf(stats),
    stats.partition_backlog,
    Math.round(perSecond),
  ]
    .map((value) => String(value).padStart(width))
    .join("")
