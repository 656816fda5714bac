import { type Family, renderFamilies } from "../../core/adapters/prometheus.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { mergePages } from "./prometheus.ts"

/** The page shows a part as down when it does not answer within this time. */
const scrapeTimeoutMs = 500

/** Merges the pages of all parts into one, with `flash_sale_part_up` for each of `urls`. */
export async function mergedPage(ownPage: string, urls: readonly string[]): Promise<string> {
  const pages = await Promise.all(urls.map(scrape))
  const up: Family = {
    name: "flash_sale_part_up",
    type: "gauge",
    samples: urls.map((url, index) => ({ labels: { part: new URL(url).host }, value: pages[index] === undefined ? 0 : 1 })),
  }
  return mergePages([ownPage, ...pages.flatMap((page) => page ?? []), renderFamilies(urls.length > 0 ? [up] : [])])
}

async function scrape(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL("/metrics", url), { signal: AbortSignal.timeout(scrapeTimeoutMs) })
    return response.ok ? await response.text() : undefined
  } catch (error) {
    logger.debug("The metrics of a part could not be read", { url, error: error as Error })
    return undefined
  }
}
