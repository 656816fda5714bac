import type { Pool } from "pg"
import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { liveReservations, readSalesInLine, type SaleInLine } from "../adapters/postgres/sales.ts"
import type { Completeness, Mark } from "../adapters/redis/completeness.ts"
import type { Projection } from "../adapters/redis/projection.ts"
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
 * Keeps Redis warm: shows what no writer has shown, then refreshes the stock of every sale, and gives each that lacks it its `complete` mark,
 * in steps that never wait: note the end of the line; once the watermark has reached it, load every live reservation; then set the mark.
 */
export function createWarmer(deps: WarmDeps) {
  const loadings = new Map<number, Loading>()

  /** One step for every sale; one that fails holds up no other. @throws when PostgreSQL does not answer; the next step goes on */
  return async function warm(): Promise<void> {
    const sales = await readSalesInLine(deps.pool, deps.requestsTopic)
    const marks = await deps.completeness.look(sales.map(({ sale }) => sale.skuNo))
    let ends: Promise<Map<number, number>> | undefined
    const endOf = async (partition: number) => {
      ends ??= deps.endOffsets(deps.requestsTopic)
      return (await ends).get(partition) ?? 0
    }
    const steps = sales.map((inLine) => ({ skuNo: inLine.sale.skuNo, inLine }))
    await forEachSku("warm", steps, async ({ skuNo, inLine }) => {
      const mark = marks.get(skuNo)
      await catchUp(skuNo, inLine.sale.seq, mark)
      await deps.projection.project({ now: 0, sales: [projectedSale(inLine, mark)] })
      if (mark?.isComplete) {
        loadings.delete(skuNo)
        return
      }
      const loading = loadings.get(skuNo)
      if (loading === undefined) await begin(inLine, await endOf(inLine.partition))
      else if ((inLine.nextOffset ?? 0) >= loading.endOffset) await load(inLine, loading.token)
    })
  }

  /**
   * Shows what was accepted and perhaps never shown: the process that committed it died, was frozen, or found Redis away. The balances that
   * tell of it come after it, so that no moment shows a sale as sold out and not its winners.
   */
  async function catchUp(skuNo: number, seq: number, mark: Mark | undefined): Promise<void> {
    if (!mark?.isComplete || mark.shownSeq >= seq) return
    for await (const page of liveReservations(deps.pool, skuNo, mark.shownSeq)) await deps.projection.project(page)
  }

  async function begin(inLine: SaleInLine, endOffset: number): Promise<void> {
    const { skuNo } = inLine.sale
    const token = await deps.completeness.begin(skuNo)
    loadings.set(skuNo, { token, endOffset })
    if ((inLine.nextOffset ?? 0) >= endOffset) await load(inLine, token)
  }

  async function load({ sale: { skuNo, seq } }: SaleInLine, token: string): Promise<void> {
    for await (const page of liveReservations(deps.pool, skuNo)) await deps.projection.project(page)
    await deps.completeness.finish(skuNo, token, seq)
    loadings.delete(skuNo)
  }
}

/** Of a sale that is not complete nothing is said: what lies before the last decisions was perhaps never shown. */
const projectedSale = ({ sale, now }: SaleInLine, mark: Mark | undefined) => ({
  ...sale,
  asOf: now,
  ...(mark?.isComplete && { decidedSeq: mark.shownSeq }),
})
