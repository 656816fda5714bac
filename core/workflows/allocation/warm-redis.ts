import type { Pool } from "pg"
import type { EndOffsets } from "../../adapters/kafka/offsets.ts"
import { readProgress } from "../../adapters/postgres/lag.ts"
import { type ReadSale, type RestingPosition, salesAtRest, salesInMotion } from "../../adapters/postgres/sales.ts"
import type { Completeness } from "../../adapters/redis/completeness.ts"
import type { Projection } from "../../adapters/redis/projection.ts"
import type { SalesAtRest } from "../../adapters/redis/sales-at-rest.ts"
import { lazyAsync } from "../../concurrency/lazy-async.ts"
import { createCompleteSales } from "./complete-sales.ts"
import { createProjectSales, type MarkedSale } from "./project-sales.ts"
import { createQueueMark } from "./queue-mark.ts"
import { createRestSales } from "./rest-sales.ts"

/** A sale in which nothing has moved for so long may come to rest. */
export const stillSeconds = 10
/** Sales at rest that a step reads, in turn: what Redis lost of them comes back even if no shopper asks for it. */
export const restingSalesPerStep = 100
/** Sales that come to rest in one step; the others in the next. */
export const maxRestedPerStep = 500
/** A step loads no further sale after this. The next step goes on, with the sales first that need it most. */
const loadBudgetMs = 750

export interface WarmDeps {
  readonly pool: Pool
  /** Connections of the transition role. */
  readonly transitionPool: Pool
  readonly projection: Projection
  readonly completeness: Completeness
  readonly atRest: SalesAtRest
  readonly endOffsets: EndOffsets
  readonly requestsTopic: string
}

/**
 * Keeps Redis warm. A step writes to Redis the reservations that no writer has written, then the stock of the sales in motion. It
 * sets the `complete` mark of each sale that lacks it, and brings sales to rest in which nothing moves. Then it does the same for
 * some sales at rest, in turn. Its cost depends on the sales in motion, not on the number of sales. A sale that fails does not
 * delay the others.
 */
export function createRedisWarmer(deps: WarmDeps) {
  const projectSales = createProjectSales(deps)
  const completeSales = createCompleteSales(deps)
  const restSales = createRestSales({ ...deps, projectSales })
  const markQueue = createQueueMark(deps.completeness.queue)
  const nextAtRest = salesInTurn(deps.pool)

  /** One step. @throws when PostgreSQL, Redis or Kafka does not answer; the next step goes on */
  return async function warm(): Promise<void> {
    const { watermarks, now } = await readProgress(deps.pool, deps.requestsTopic)
    const partitions = { watermarks, ends: lazyAsync(() => deps.endOffsets(deps.requestsTopic)) }
    const read = await salesInMotion(deps.pool, stillSeconds)
    const inMotion = await withMarks(deps.completeness, read)
    await projectSales(inMotion, false)
    // As of before the sales in motion were read: a sale that moved since is among them, or the next step writes it.
    if (now !== undefined) await deps.atRest.noteAsOf(now)
    await markQueue(watermarks, partitions.ends)
    const untilMs = performance.now() + loadBudgetMs
    await completeSales(inMotion, partitions, untilMs)
    const still = new Set(read.filter(({ isStill }) => isStill).map(({ sale }) => sale.skuNo))
    await restSales(inMotion.filter(({ skuNo, mark }) => still.has(skuNo) && mark?.isComplete).slice(0, maxRestedPerStep))
    const atRest = await withMarks(deps.completeness, await nextAtRest())
    await projectSales(atRest, true)
    await completeSales(atRest, partitions, untilMs)
  }
}

async function withMarks(completeness: Completeness, sales: readonly ReadSale[]): Promise<MarkedSale[]> {
  const marks = await completeness.look(sales.map(({ sale }) => sale.skuNo))
  return sales.map(({ sale, partition, now }) => ({
    ...{ sale, partition, now, skuNo: sale.skuNo },
    mark: marks.get(sale.skuNo),
  }))
}

const start: RestingPosition = { partition: -1, skuNo: 0 }

/** Reads the sales at rest in turn, and begins again after the last of them. */
function salesInTurn(pool: Pool): () => Promise<ReadSale[]> {
  let turn = start
  return async () => {
    const sales = await salesAtRest(pool, turn, restingSalesPerStep)
    const last = sales.length < restingSalesPerStep ? undefined : sales.at(-1)
    turn = last ? { partition: last.partition, skuNo: last.sale.skuNo } : start
    return sales
  }
}
