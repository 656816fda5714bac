import type { Pool } from "pg"
import type { EndOffsets } from "../../adapters/kafka/offsets.ts"
import { type Progress, readProgress } from "../../adapters/postgres/lag.ts"
import {
  liveReservations,
  type ReadSale,
  type RestingPlace,
  restSales,
  type SaleInMotion,
  salesAtRest,
  salesInMotion,
} from "../../adapters/postgres/sales.ts"
import type { Completeness, Mark } from "../../adapters/redis/completeness.ts"
import type { ProjectedSale, Projection } from "../../adapters/redis/projection.ts"
import type { SalesAtRest } from "../../adapters/redis/sales-at-rest.ts"
import { RedisAway } from "../../adapters/redis/server-errors.ts"
import { lazyAsync } from "../../concurrency/lazy-async.ts"
import { forEachSku } from "./each-sku.ts"
import { createQueueMark } from "./queue-mark.ts"

/** A sale in which nothing has moved for so long may come to rest. */
export const stillSeconds = 10
/** Sales at rest that a step looks at, in turn: what Redis lost of them comes back without anybody who asks. */
export const restingSalesPerStep = 100
/** Sales that come to rest in one step; the others in the next. */
export const maxRestedPerStep = 500
/** Sales in one call of the projection: Redis answers each within its time-out. */
const salesPerProjection = 250
/** No further sale is loaded in a step after this; the next step goes on, with those first that need it most. */
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

/** A sale that is being loaded: complete once the watermark has reached what was acknowledged when the loading began. */
interface Loading {
  readonly token: string
  readonly endOffset: number
}

/** What a step knows of the partitions. */
interface Partitions {
  readonly watermarks: Progress["watermarks"]
  /** The end offsets, read at most once in a step. */
  readonly ends: () => Promise<Map<number, number>>
}

/** A sale as a step reads it, and what Redis holds of it. */
interface SeenSale extends ReadSale {
  readonly skuNo: number
  readonly mark: Mark | undefined
}

const start: RestingPlace = { partition: -1, skuNo: 0 }

/**
 * Keeps Redis warm. A step shows what no writer has shown, then the stock of the sales in motion, gives each that lacks it its `complete`
 * mark, and lets those rest in which nothing happens any more; then it looks at some sales at rest, in turn. Its cost follows what moves, not
 * how many sales there are, and a sale that fails holds up no other. A mark is given in steps that never wait: note the end of the partition;
 * once the watermark has reached it, load every live reservation; then set the mark.
 */
export function createRedisWarmer(deps: WarmDeps) {
  const loadings = new Map<number, Loading>()
  const markQueue = createQueueMark(deps.completeness.queue)
  let turn = start

  /** One step. @throws when PostgreSQL, Redis or Kafka does not answer; the next step goes on */
  return async function warm(): Promise<void> {
    const { watermarks, now } = await readProgress(deps.pool, deps.requestsTopic)
    const partitions = { watermarks, ends: lazyAsync(() => deps.endOffsets(deps.requestsTopic)) }
    const read = await salesInMotion(deps.pool, stillSeconds)
    const inMotion = await see(read)
    await show(inMotion, false)
    // As of before the sales in motion were read: what moved since is among them, or is shown with the next step.
    if (now !== undefined) await deps.atRest.noteAsOf(now)
    await markQueue(watermarks, partitions.ends)
    const untilMs = performance.now() + loadBudgetMs
    await complete(inMotion, partitions, untilMs)
    const still = new Set(read.filter(({ isStill }) => isStill).map(({ sale }) => sale.skuNo))
    await rest(inMotion.filter(({ skuNo, mark }) => still.has(skuNo) && mark?.isComplete).slice(0, maxRestedPerStep))
    const atRest = await see(await nextInTurn())
    await show(atRest, true)
    await complete(atRest, partitions, untilMs)
  }

  async function see(sales: readonly (ReadSale | SaleInMotion)[]): Promise<SeenSale[]> {
    const marks = await deps.completeness.look(sales.map(({ sale }) => sale.skuNo))
    return sales.map(({ sale, partition, now }) => ({
      ...{ sale, partition, now, skuNo: sale.skuNo },
      mark: marks.get(sale.skuNo),
    }))
  }

  /**
   * Shows the stock of sales. Those first that accepted what was perhaps never shown: the process that committed it died, was frozen, or found
   * Redis away. Their balances come after it, so that no moment shows a sale as sold out and not its winners.
   */
  async function show(sales: readonly SeenSale[], isResting: boolean): Promise<void> {
    const isBehind = ({ sale, mark }: SeenSale) => mark?.isComplete === true && mark.shownSeq < sale.seq
    const behind = sales.filter(isBehind)
    await forEachSku("warm", behind, async (seen) => {
      for await (const page of liveReservations(deps.pool, seen.skuNo, seen.mark?.shownSeq)) await deps.projection.project(page)
      await project([seen], isResting)
    })
    const upToDate = sales.filter((seen) => !isBehind(seen))
    for (let from = 0; from < upToDate.length; from += salesPerProjection) {
      const group = upToDate.slice(from, from + salesPerProjection)
      await project(group, isResting).catch(async (error: unknown) => {
        if (error instanceof RedisAway) throw error
        // One by one it shows which sale fails.
        await forEachSku("warm", group, (seen) => project([seen], isResting))
      })
    }
  }

  function project(sales: readonly SeenSale[], isResting: boolean): Promise<void> {
    return deps.projection.project({ now: 0, sales: sales.map((seen) => projectedSale(seen, isResting)) })
  }

  async function nextInTurn(): Promise<ReadSale[]> {
    const sales = await salesAtRest(deps.pool, turn, restingSalesPerStep)
    const last = sales.length < restingSalesPerStep ? undefined : sales.at(-1)
    turn = last ? { partition: last.partition, skuNo: last.sale.skuNo } : start
    return sales
  }

  /** Gives the sales that lack it their mark, or goes on to. */
  async function complete(sales: readonly SeenSale[], partitions: Partitions, untilMs: number): Promise<void> {
    for (const { skuNo, mark } of sales) if (mark?.isComplete) loadings.delete(skuNo)
    const incomplete = sales.filter(({ mark }) => !mark?.isComplete)
    await forEachSku("warm", incomplete, async (seen) => {
      if (performance.now() <= untilMs) await loadWhenDecided(seen, partitions)
    })
  }

  async function loadWhenDecided({ sale, skuNo, partition }: SeenSale, { watermarks, ends }: Partitions): Promise<void> {
    const known = loadings.get(skuNo)
    // The token before the end: what is acknowledged after the end was read is shown to a Redis that keeps the token.
    const loading = known ?? { token: await deps.completeness.begin(skuNo), endOffset: (await ends()).get(partition) ?? 0 }
    if ((watermarks.get(partition) ?? 0) < loading.endOffset) {
      loadings.set(skuNo, loading)
      return
    }
    for await (const page of liveReservations(deps.pool, skuNo)) await deps.projection.project(page)
    await deps.completeness.finish(skuNo, loading.token, sale.seq)
    loadings.delete(skuNo)
  }

  /** Lets sales rest. What Redis holds of a closed one gets an end before: whatever happens in between, it is not forgotten here. */
  async function rest(still: readonly SeenSale[]): Promise<void> {
    if (still.length === 0) return
    await forEachSku(
      "warm",
      still.filter(({ sale }) => sale.status === "closed"),
      ({ skuNo }) => retire(skuNo),
    )
    const sales = still.map(({ sale }) => sale)
    const resting = new Set(await restSales(deps.transitionPool, sales))
    await show(
      still.filter(({ skuNo }) => resting.has(skuNo)),
      true,
    )
  }

  async function retire(skuNo: number): Promise<void> {
    for await (const { reservations } of liveReservations(deps.pool, skuNo)) {
      await deps.atRest.retireViews(reservations.map(({ reservation }) => reservation.id))
    }
    await deps.atRest.retireSale(skuNo)
  }
}

/** Of a sale that is not complete nothing is said: what lies before the last decisions was perhaps never shown. */
const projectedSale = ({ sale, now, mark }: SeenSale, isResting: boolean): ProjectedSale => ({
  ...sale,
  asOf: now,
  isResting,
  ...(mark?.isComplete && { decidedSeq: mark.shownSeq }),
})
