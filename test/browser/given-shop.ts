import { randomUUID } from "node:crypto"
import { type Browser, chromium } from "playwright-core"
import { afterAll, afterEach, beforeAll, inject } from "vitest"
import { type Shop, shopOf } from "./shop.ts"
import { type ArriveOptions, Shopper } from "./shopper.ts"
import { type RunningSystem, startedSystem } from "./system.ts"

export interface GivenShop {
  readonly shop: Shop
  readonly system: RunningSystem
  /** A new device opens the page. */
  arrive(options?: ArriveOptions): Promise<Shopper>
  /** A new device opens the page, and its shopper has signed in. */
  arriveSignedIn(options?: ArriveOptions): Promise<Shopper>
  /** A name that no other shopper has. */
  nameOf(first: string): string
}

/**
 * What every file begins with. Each test ends with a check of every browser that it opened: no error in the console, no violation
 * of the policy, no request to another site; each file ends with the invariants of the sale.
 */
export function givenShop(onReady: (given: GivenShop) => void): void {
  const run = inject("browserRun")
  const here: Shopper[] = []
  let browser: Browser
  let shop: Shop
  let provider = ""

  beforeAll(async () => {
    const system = await startedSystem(run)
    shop = await shopOf(system)
    browser = await chromium.connect(run.browserUrl)
    // The payment provider's own page, where a shopper confirms, is another site as on AWS.
    provider = `http://127.0.0.1:${system.folder.read().ports["payment-provider"]}`
    const arrive = async (options: ArriveOptions = {}) => {
      const shopper = await Shopper.arrive(browser, { url: shop.url, screenshots: run.screenshots }, options)
      here.push(shopper)
      return shopper
    }
    onReady({
      shop,
      system,
      arrive,
      async arriveSignedIn(options) {
        const shopper = await arrive(options)
        await shopper.signIn(`shopper-${randomUUID().slice(0, 8)}`)
        return shopper
      },
      nameOf: (first) => `${first}-${randomUUID().slice(0, 8)}`,
    })
  })
  afterEach(async ({ task }) => {
    const shoppers = here.splice(0)
    if (task.result?.state === "fail") for (const shopper of shoppers) await shopper.keepsFailure(task.name)
    for (const shopper of shoppers) await shopper.leave([provider])
  })
  afterAll(async () => {
    await browser?.close()
    await shop?.expectInvariants()
  })
}
