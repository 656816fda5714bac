import type { Pool } from "pg"
import type { Progress } from "../../adapters/postgres/lag.ts"
import { liveReservations } from "../../adapters/postgres/sales.ts"
import type { Completeness } from "../../adapters/redis/completeness.ts"
import type { Projection } from "../../adapters/redis/projection.ts"
import { forEachSku } from "./each-sku.ts"
import type { MarkedSale } from "./project-sales.ts"

/**
 * A sale that is being loaded. It is complete once the watermark has reached the end that the partition had when the loading
 * began.
 */
interface Loading {
  readonly token: string
  readonly endOffset: number
}

/** What a step knows of the partitions. */
export interface Partitions {
  readonly watermarks: Progress["watermarks"]
  /** The end offsets, read at most once in a step. */
  readonly ends: () => Promise<Map<number, number>>
}

export interface CompleteSalesDeps {
  readonly pool: Pool
  readonly projection: Projection
  readonly completeness: Completeness
}

/**
 * Gives the `complete` mark to the sales that lack it, in steps that never wait: read the end of the partition; once the
 * watermark has reached it, load every live reservation; then set the mark. A step begins no load after `untilMs` on the
 * monotonic clock.
 */
export type CompleteSales = (sales: readonly MarkedSale[], partitions: Partitions, untilMs: number) => Promise<void>

export function createCompleteSales({ pool, projection, completeness }: CompleteSalesDeps): CompleteSales {
  const loadings = new Map<number, Loading>()

  async function loadWhenDecided({ sale, skuNo, partition }: MarkedSale, { watermarks, ends }: Partitions): Promise<void> {
    const known = loadings.get(skuNo)
    // The token comes before the end: a request that is acknowledged after the end was read is written to a Redis that keeps the
    // token.
    const loading = known ?? { token: await completeness.begin(skuNo), endOffset: (await ends()).get(partition) ?? 0 }
    if ((watermarks.get(partition) ?? 0) < loading.endOffset) {
      loadings.set(skuNo, loading)
      return
    }
    for await (const page of liveReservations(pool, skuNo)) await projection.project(page)
    await completeness.finish(skuNo, loading.token, sale.seq)
    loadings.delete(skuNo)
  }

  return async (sales, partitions, untilMs) => {
    for (const { skuNo, mark } of sales) if (mark?.isComplete) loadings.delete(skuNo)
    const incomplete = sales.filter(({ mark }) => !mark?.isComplete)
    await forEachSku("warm", incomplete, async (sale) => {
      if (performance.now() <= untilMs) await loadWhenDecided(sale, partitions)
    })
  }
}
