import type { Pool } from "pg"
import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { liveReservations, readSalesInLine, type SaleInLine } from "../adapters/postgres/sales.ts"
import type { Completeness } from "../adapters/redis/completeness.ts"
import type { Projection } from "../adapters/redis/projection.ts"

export interface WarmDeps {
  readonly pool: Pool
  readonly projection: Projection
  readonly completeness: Completeness
  readonly endOffsets: EndOffsets
  readonly requestsTopic: string
}

/** A sale that is being loaded: complete once the watermark has reached what was acknowledged when the loading began. */
interface Loading {
  readonly token: string
  readonly endOffset: number
}

/**
 * Keeps Redis warm: refreshes the stock of every sale, and gives each that lacks it its `complete` mark, in steps that never wait:
 * note the end of the line; once the watermark has reached it, load every live reservation; then set the mark.
 */
export function createWarmer(deps: WarmDeps) {
  const loadings = new Map<number, Loading>()

  /** One step for every sale. @throws when PostgreSQL, Redis or Kafka does not answer; the next step goes on */
  return async function warm(): Promise<void> {
    const sales = await readSalesInLine(deps.pool, deps.requestsTopic)
    await deps.projection.project({ now: 0, sales: sales.map(projectedSale) })
    let ends: Map<number, number> | undefined
    for (const inLine of sales) {
      const { skuNo } = inLine.sale
      if (await deps.completeness.isComplete(skuNo)) {
        loadings.delete(skuNo)
        continue
      }
      const loading = loadings.get(skuNo)
      if (loading === undefined) {
        ends ??= await deps.endOffsets(deps.requestsTopic)
        await begin(inLine, ends.get(inLine.partition) ?? 0)
      } else if ((inLine.nextOffset ?? 0) >= loading.endOffset) await load(skuNo, loading.token)
    }
  }

  async function begin({ sale, nextOffset }: SaleInLine, endOffset: number): Promise<void> {
    const token = await deps.completeness.begin(sale.skuNo)
    loadings.set(sale.skuNo, { token, endOffset })
    if ((nextOffset ?? 0) >= endOffset) await load(sale.skuNo, token)
  }

  async function load(skuNo: number, token: string): Promise<void> {
    for await (const page of liveReservations(deps.pool, skuNo)) await deps.projection.project(page)
    await deps.completeness.finish(skuNo, token)
    loadings.delete(skuNo)
  }
}

const projectedSale = ({ sale, now }: SaleInLine) => ({ ...sale, asOf: now })
