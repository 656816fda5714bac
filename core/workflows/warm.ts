import type { Pool } from "pg"
import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { liveReservations, readSalesInLine, type SaleInLine } from "../adapters/postgres/sales.ts"
import type { Completeness } from "../adapters/redis/completeness.ts"
import type { Projection } from "../adapters/redis/projection.ts"
import { logger } from "../adapters/telemetry.ts"
import { forEachSku } from "./each-sku.ts"

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

  /** One step for every sale; one that fails holds up no other. @throws when PostgreSQL does not answer; the next step goes on */
  return async function warm(): Promise<void> {
    const sales = await readSalesInLine(deps.pool, deps.requestsTopic)
    // Shows every sale but those that fail.
    await deps.projection
      .project({ now: 0, sales: sales.map(projectedSale) })
      .catch((error) => logger.warn("Redis does not show the stock of some sales; the next step tries again", { error }))
    let ends: Promise<Map<number, number>> | undefined
    const endOf = async (partition: number) => {
      ends ??= deps.endOffsets(deps.requestsTopic)
      return (await ends).get(partition) ?? 0
    }
    const steps = sales.map((inLine) => ({ skuNo: inLine.sale.skuNo, inLine }))
    await forEachSku("warm", steps, async ({ skuNo, inLine }) => {
      if (await deps.completeness.isComplete(skuNo)) {
        loadings.delete(skuNo)
        return
      }
      const loading = loadings.get(skuNo)
      if (loading === undefined) await begin(inLine, await endOf(inLine.partition))
      else if ((inLine.nextOffset ?? 0) >= loading.endOffset) await load(skuNo, loading.token)
    })
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
