import type { Pool } from "pg"
import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { type Progress, readProgress } from "../adapters/postgres/lag.ts"
import {
  liveReservations,
  type ReadSale,
  type RestingPlace,
  restSales,
  type SaleInMotion,
  salesAtRest,
  salesInMotion,
} from "../adapters/postgres/sales.ts"
import type { Completeness } from "../adapters/redis/completeness.ts"
import type { ProjectedSale, Projection } from "../adapters/redis/projection.ts"
import type { SalesAtRest } from "../adapters/redis/sales-at-rest.ts"
import { once } from "./once.ts"
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

/** The end offsets, read at most once in a step. */
type Ends = () => Promise<Map<number, number>>

const start: RestingPlace = { partition: -1, skuNo: 0 }

/**
 * Keeps Redis warm. A step shows the stock of the sales in motion, gives each that lacks it its `complete` mark, and lets those rest in which
 * nothing happens any more; then it looks at some sales at rest, in turn. Its cost follows what moves, not how many sales there are.
 * A mark is given in steps that never wait: note the end of the partition; once the watermark has reached it, load every live reservation;
 * then set the mark.
 */
export function createWarmer(deps: WarmDeps) {
  const loadings = new Map<number, Loading>()
  const markQueue = createQueueMark(deps.completeness)
  let turn = start

  /** One step. @throws when PostgreSQL, Redis or Kafka does not answer; the next step goes on */
  return async function warm(): Promise<void> {
    const progress = await readProgress(deps.pool, deps.requestsTopic)
    const ends = once(() => deps.endOffsets(deps.requestsTopic))
    const inMotion = await salesInMotion(deps.pool, stillSeconds)
    await show(inMotion, false)
    // As of before the sales in motion were read: what moved since is among them, or is shown with the next step.
    if (progress.now !== undefined) await deps.atRest.noteAsOf(progress.now)
    await markQueue(progress.watermarks, ends)
    const untilMs = performance.now() + loadBudgetMs
    const complete = await completeSales(inMotion, progress, ends, untilMs)
    await rest(inMotion.filter(({ sale, isStill }) => isStill && complete.has(sale.skuNo)).slice(0, maxRestedPerStep))
    const atRest = await nextInTurn()
    await show(atRest, true)
    await completeSales(atRest, progress, ends, untilMs)
  }

  async function show(sales: readonly ReadSale[], isResting: boolean): Promise<void> {
    for (let from = 0; from < sales.length; from += salesPerProjection) {
      const group = sales.slice(from, from + salesPerProjection)
      await deps.projection.project({ now: 0, sales: group.map((read) => projectedSale(read, isResting)) })
    }
  }

  async function nextInTurn(): Promise<ReadSale[]> {
    const sales = await salesAtRest(deps.pool, turn, restingSalesPerStep)
    const last = sales.length < restingSalesPerStep ? undefined : sales.at(-1)
    turn = last ? { partition: last.partition, skuNo: last.sale.skuNo } : start
    return sales
  }

  /** @returns the sales that have their mark */
  async function completeSales(
    sales: readonly ReadSale[],
    { watermarks }: Progress,
    ends: Ends,
    untilMs: number,
  ): Promise<ReadonlySet<number>> {
    const complete = await deps.completeness.ofSales(sales.map(({ sale }) => sale.skuNo))
    for (const skuNo of complete) loadings.delete(skuNo)
    for (const { sale, partition } of sales) {
      if (complete.has(sale.skuNo)) continue
      if (performance.now() > untilMs) break
      await loadWhenDecided(sale.skuNo, partition, watermarks.get(partition) ?? 0, ends)
    }
    return complete
  }

  async function loadWhenDecided(skuNo: number, partition: number, watermark: number, ends: Ends): Promise<void> {
    const mark = deps.completeness.sale(skuNo)
    const known = loadings.get(skuNo)
    // The token before the end: what is acknowledged after the end was read is shown to a Redis that keeps the token.
    const loading = known ?? { token: await mark.begin(), endOffset: (await ends()).get(partition) ?? 0 }
    if (watermark < loading.endOffset) {
      loadings.set(skuNo, loading)
      return
    }
    for await (const page of liveReservations(deps.pool, skuNo)) await deps.projection.project(page)
    await mark.finish(loading.token)
    loadings.delete(skuNo)
  }

  /** Lets sales rest. What Redis holds of a closed one gets an end before: whatever happens in between, it is not forgotten here. */
  async function rest(still: readonly SaleInMotion[]): Promise<void> {
    if (still.length === 0) return
    for (const { sale } of still) if (sale.status === "closed") await retire(sale.skuNo)
    const resting = new Set(
      await restSales(
        deps.transitionPool,
        still.map(({ sale }) => sale),
      ),
    )
    await show(
      still.filter(({ sale }) => resting.has(sale.skuNo)),
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

const projectedSale = ({ sale, now }: ReadSale, isResting: boolean): ProjectedSale => ({ ...sale, asOf: now, isResting })
