import type { Pool } from "pg"
import { liveReservations, restSales } from "../../adapters/postgres/sales.ts"
import type { SalesAtRest } from "../../adapters/redis/sales-at-rest.ts"
import { forEachSku } from "./each-sku.ts"
import type { MarkedSale, ProjectSales } from "./project-sales.ts"

export interface RestSalesDeps {
  readonly pool: Pool
  /** Connections of the transition role. */
  readonly transitionPool: Pool
  readonly atRest: SalesAtRest
  readonly projectSales: ProjectSales
}

/**
 * Brings sales to rest in which nothing moves, and writes that to Redis. The Redis keys of a closed sale get an expiry before it
 * rests, so that a process that dies in between leaves none behind.
 * @throws when PostgreSQL or Redis does not answer
 */
export function createRestSales({ pool, transitionPool, atRest, projectSales }: RestSalesDeps) {
  async function retire(skuNo: number): Promise<void> {
    for await (const { reservations } of liveReservations(pool, skuNo)) {
      await atRest.retireViews(reservations.map(({ reservation }) => reservation.id))
    }
    await atRest.retireSale(skuNo)
  }

  return async (still: readonly MarkedSale[]): Promise<void> => {
    if (still.length === 0) return
    const closed = still.filter(({ sale }) => sale.status === "closed")
    await forEachSku("warm", closed, ({ skuNo }) => retire(skuNo))
    const sales = still.map(({ sale }) => sale)
    const resting = new Set(await restSales(transitionPool, sales))
    const nowResting = still.filter(({ skuNo }) => resting.has(skuNo))
    await projectSales(nowResting, true)
  }
}
