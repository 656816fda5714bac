import type { StateFolder } from "../../local/services/state-folder.ts"
import { measureBareServer } from "./bare.ts"
import type { GeneratorProcess } from "./generator-process.ts"
import type { Job } from "./jobs.ts"
import { gatewayCpuSeconds, usageOf } from "./processes.ts"
import type { Visits } from "./result.ts"
import type { Shop } from "./shop.ts"
import { rounded } from "./stages.ts"

const perSecond = 2_000
/** Shoppers who come before the others, so that the measured ones do not meet cold code. */
const firstComers = 4_000
const microsecondsPerSecond = 1_000_000

/**
 * Lets every shopper come once, and then once more, with a request that is refused right after its token was verified. The
 * difference of the gateways' processor time is the cost of verifying a token. Afterwards every token is cached (with one
 * gateway), so that each step of a ladder meets the same state. A server that does nothing but HTTP gets the same visits, for
 * comparison.
 *
 * @throws Error when a request gets another answer
 */
export async function letVisit(shop: Shop, folder: StateFolder, generator: GeneratorProcess, port: number): Promise<Visits> {
  const jobOf = (visitors: number): Job<"visit"> => ({
    ...{ profile: "visit", port, skuId: "", tokensFile: shop.tokensFile, run: "path-visit" },
    ...{ rate: perSecond, seconds: visitors / perSecond },
  })
  const visit = async (visitors: number): Promise<number> => {
    const before = gatewayCpuSeconds(usageOf(folder))
    const { good, sent, others } = await generator.run(jobOf(visitors))
    if (good !== sent) throw new Error(`Of ${sent} visits ${good} were answered as meant: ${JSON.stringify(others)}`)
    return gatewayCpuSeconds(usageOf(folder)) - before
  }
  await visit(firstComers)
  const first = await visit(shop.shoppers)
  const later = await visit(shop.shoppers)
  const newcomers = shop.shoppers - firstComers
  const bare = await measureBareServer(jobOf(shop.shoppers), generator)
  const us = (seconds: number, visits: number) => rounded((seconds * microsecondsPerSecond) / visits)
  return { newcomers, token_us: us(first - later, newcomers), later_visit_us: us(later, shop.shoppers), bare_us: bare }
}
