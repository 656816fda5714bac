import { randomUUID } from "node:crypto"
import { type Browser, chromium } from "playwright-core"
import { afterAll, test as base, beforeAll, inject } from "vitest"
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

/** What the tests of a file share. */
interface Shared {
  readonly system: RunningSystem
  readonly shop: Shop
  readonly browser: Browser
  /** The provider's own page, where a shopper confirms, is another site as on AWS. */
  readonly provider: string
}

const run = inject("browserRun")
let shared: Shared | undefined

beforeAll(async () => {
  const system = await startedSystem(run)
  const browser = await chromium.connect(run.browserUrl)
  const provider = `http://127.0.0.1:${system.folder.read().ports["payment-provider"]}`
  shared = { system, shop: await shopOf(system), browser, provider }
})

/** Each file ends with the invariants of the sale. */
afterAll(async () => {
  await shared?.browser.close()
  await shared?.shop.expectInvariants()
})

const nameOf = (first: string) => `${first}-${randomUUID().slice(0, 8)}`

/**
 * A test of the page. It ends with a check of every browser that it opened: no error in the console, no violation of the policy,
 * no request to another site.
 */
export const test = base.extend<{ given: GivenShop }>({
  given: async ({ task }, use) => {
    if (shared === undefined) throw new Error("The system has not started")
    const { system, shop, browser, provider } = shared
    const here: Shopper[] = []
    const arrive = async (options: ArriveOptions = {}) => {
      const shopper = await Shopper.arrive(browser, { url: shop.url, screenshots: run.screenshots }, options)
      here.push(shopper)
      return shopper
    }
    await use({
      shop,
      system,
      arrive,
      async arriveSignedIn(options) {
        const shopper = await arrive(options)
        await shopper.signIn(nameOf("shopper"))
        return shopper
      },
      nameOf,
    })
    if ((task.result?.errors ?? []).length > 0) for (const shopper of here) await shopper.keepsFailure(task.name)
    for (const shopper of here) await shopper.leave([provider])
  },
})
