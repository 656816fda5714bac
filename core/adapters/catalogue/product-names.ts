import * as z from "zod"
import { createSingleFlight } from "../../concurrency/single-flight.ts"
import { LruMap } from "../../domain/lru-map.ts"
import { logger } from "../telemetry.ts"

const timeoutMs = 2_000
const maxNames = 1_000
/** The name of a SKU hardly changes. */
const keptMs = 10 * 60_000
/** After a failure the catalogue is asked again after this time, and not for each notice. */
const keptAfterFailureMs = 10_000

const Named = z.object({ name: z.string().min(1) })

/** The name of a product for people. It never fails: without the catalogue, it is the id of the SKU. */
export type ProductNameOf = (skuId: string) => Promise<string>

/** Reads names from the public catalogue. @param catalogueUrl the address of the API, without a slash at its end */
export function productNames(catalogueUrl: string, nowMs: () => number = Date.now): ProductNameOf {
  const known = new LruMap<string, { readonly name: string; readonly validUntilMs: number }>(maxNames)
  const reads = createSingleFlight<string>()
  return async (skuId) => {
    const kept = known.get(skuId)
    if (kept !== undefined && nowMs() < kept.validUntilMs) return kept.name
    return reads.run(skuId, async () => {
      const name = await readName(catalogueUrl, skuId)
      // A name that was read once is better than none.
      const usable = name ?? kept?.name ?? skuId
      known.set(skuId, { name: usable, validUntilMs: nowMs() + (name === undefined ? keptAfterFailureMs : keptMs) })
      return usable
    })
  }
}

async function readName(catalogueUrl: string, skuId: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${catalogueUrl}/v1/skus/${encodeURIComponent(skuId)}`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.ok) return Named.parse(await response.json()).name
    logger.warn("The catalogue does not name a SKU; its id stands for the name", { sku_id: skuId, status: response.status })
  } catch (error) {
    logger.warn("The catalogue does not answer; the id of the SKU stands for its name", { sku_id: skuId, error: error as Error })
  }
  return undefined
}
