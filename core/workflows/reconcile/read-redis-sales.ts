import { setTimeout as delay } from "node:timers/promises"
import type { SaleTables } from "../../adapters/postgres/reconcile-reads.ts"
import type { RedisSale, SaleFiguresReader } from "../../adapters/redis/sale-figures.ts"
import { differing } from "../../domain/reconcile.ts"
import type { FoundDifferences } from "./found-differences.ts"

/** A sale in motion is shown in Redis after its commit: Redis gets this long to reach what the tables said. */
const tries = 4
const pauseMs = 500

/**
 * Reads what Redis says of some sales, and compares it with what the tables said before. @throws when Redis does not answer
 */
export async function readRedisSales(
  reader: SaleFiguresReader,
  sales: readonly SaleTables[],
  found: FoundDifferences,
): Promise<ReadonlyMap<string, RedisSale>> {
  const figures = new Map<string, RedisSale>()
  for (const sale of sales) {
    const [shown, detail] = await settled(reader, sale)
    if (shown !== undefined) figures.set(sale.skuId, shown)
    if (detail !== undefined) found.note("redis-differs", sale.skuId, sale.skuId, detail)
  }
  return figures
}

async function settled(
  reader: SaleFiguresReader,
  sale: SaleTables,
): Promise<[shown: RedisSale | undefined, detail: string | undefined]> {
  for (let tried = 1; ; tried += 1) {
    const shown = await reader.read(sale.skuNo)
    const detail = differenceOf(sale, shown)
    if (detail === undefined || tried === tries) return [shown, detail]
    await delay(pauseMs)
  }
}

/** What differs; a sequence beyond that of the tables is a sale that moved on, and is not compared further. */
function differenceOf({ inventory, isOver }: SaleTables, shown: RedisSale | undefined): string | undefined {
  if (shown === undefined) return isOver ? undefined : "Redis does not know the sale"
  const seq = inventory.seq ?? 0
  if (shown.seq < seq) return `Redis is at ledger entry ${shown.seq}, the tables are at ${seq}`
  const figures = shown.seq === seq ? differing(inventory, shown) : []
  if (figures.length > 0)
    return figures.map((figure) => `${figure}: tables ${inventory[figure]}, Redis ${numberOf(shown, figure)}`).join("; ")
  return shown.isComplete || isOver ? undefined : "Redis lacks live reservations of the sale: it has no complete mark"
}

const numberOf = (shown: RedisSale, figure: string): unknown => (shown as unknown as Record<string, unknown>)[figure]
