import { mostMeasuredSkus } from "../../core/contracts/metrics.ts"

/** CloudWatch charges a metric by the hour. */
const periodMs = 3_600_000

/** The SKUs that this process gives metrics of their own: in an hour at most as many as the sweeper does. */
export function createMeasuredSkus(nowMs: () => number = Date.now) {
  const skus = new Set<string>()
  let sinceMs = nowMs()
  return {
    has(sku: string): boolean {
      if (nowMs() - sinceMs >= periodMs) {
        skus.clear()
        sinceMs = nowMs()
      }
      if (skus.size < mostMeasuredSkus) skus.add(sku)
      return skus.has(sku)
    },
  }
}
