import type { Pool } from "pg"
import { liveReservations, type ReadSale } from "../../adapters/postgres/sales.ts"
import type { Mark } from "../../adapters/redis/completeness.ts"
import type { ProjectedSale, Projection } from "../../adapters/redis/projection.ts"
import { RedisAway } from "../../adapters/redis/server-errors.ts"
import { forEachSku } from "./each-sku.ts"

/** Sales in one call of the projection: Redis answers each within its time-out. */
const salesPerProjection = 250

/** A sale as PostgreSQL has it, and the mark that Redis holds of it. */
export interface MarkedSale extends ReadSale {
  readonly skuNo: number
  readonly mark: Mark | undefined
}

export interface ProjectSalesDeps {
  readonly pool: Pool
  readonly projection: Projection
}

/**
 * Writes the stock of sales to Redis. @param isResting whether PostgreSQL has them at rest
 * @throws RedisAway; the failure of one sale is logged and holds up no other
 */
export type ProjectSales = (sales: readonly MarkedSale[], isResting: boolean) => Promise<void>

/**
 * Sales come first whose ledger is beyond what Redis was shown: the process that committed it died, was frozen, or found Redis
 * away. Of those the reservations are written before the balances, so that Redis never shows a sale as sold out without its
 * winners.
 */
export function createProjectSales({ pool, projection }: ProjectSalesDeps): ProjectSales {
  const project = (sales: readonly MarkedSale[], isResting: boolean): Promise<void> =>
    projection.project({ now: 0, sales: sales.map((sale) => projectedSale(sale, isResting)) })

  async function projectBehind(behind: readonly MarkedSale[], isResting: boolean): Promise<void> {
    await forEachSku("warm", behind, async (sale) => {
      for await (const page of liveReservations(pool, sale.skuNo, sale.mark?.shownSeq)) await projection.project(page)
      await project([sale], isResting)
    })
  }

  async function projectGroup(group: readonly MarkedSale[], isResting: boolean): Promise<void> {
    try {
      await project(group, isResting)
    } catch (error) {
      if (error instanceof RedisAway) throw error
      // Which sale fails shows when each is written alone.
      await forEachSku("warm", group, (sale) => project([sale], isResting))
    }
  }

  return async (sales, isResting) => {
    await projectBehind(sales.filter(isBehind), isResting)
    const upToDate = sales.filter((sale) => !isBehind(sale))
    for (let from = 0; from < upToDate.length; from += salesPerProjection) {
      await projectGroup(upToDate.slice(from, from + salesPerProjection), isResting)
    }
  }
}

const isBehind = ({ sale, mark }: MarkedSale): boolean => mark?.isComplete === true && mark.shownSeq < sale.seq

/** `decidedSeq` is left out of a sale that is not complete: Redis may lack decisions before the last ones. */
const projectedSale = ({ sale, now, mark }: MarkedSale, isResting: boolean): ProjectedSale => ({
  ...sale,
  asOf: now,
  isResting,
  ...(mark?.isComplete && { decidedSeq: mark.shownSeq }),
})
