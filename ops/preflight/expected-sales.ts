import type { ExpectedSale } from "../../core/domain/preflight/sale.ts"
import type { SaleConfig } from "../../lib/config.ts"

/**
 * What is expected of the sales: what the calendar says, and the opening time that the operator names. Without SKUs, the sales of
 * the calendar that have not closed.
 */
export function expectedSales(
  calendar: readonly SaleConfig[],
  skuIds: readonly string[],
  opensAt: string | undefined,
  nowMs: number,
): ExpectedSale[] {
  const planned = new Map(calendar.map((sale) => [sale.skuId, sale]))
  const next = calendar.filter(({ closesAt }) => Date.parse(closesAt) > nowMs).map(({ skuId }) => skuId)
  return (skuIds.length > 0 ? skuIds : next).map((sku_id) => {
    const sale = planned.get(sku_id)
    const at = opensAt ?? sale?.opensAt
    return {
      sku_id,
      ...(at !== undefined && { opens_at: new Date(at).toISOString() }),
      ...(sale && {
        ...{ closes_at: new Date(sale.closesAt).toISOString(), units: sale.units, price_minor: sale.priceMinor },
        hold_seconds: sale.holdSeconds,
      }),
    }
  })
}
