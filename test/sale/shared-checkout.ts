import { afterAll, afterEach, beforeAll } from "vitest"

/** A sale with payments, as the tests of one file share it. */
interface CheckedSale {
  expectInvariants(): Promise<void>
  expectMoneyToMatch(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens one sale for all tests of a file and closes it after them. After each test, every invariant holds, and the provider's
 * payments match the orders.
 *
 * @param assign receives the sale before the first test
 */
export function sharedCheckout<Sale extends CheckedSale>(open: () => Promise<Sale>, assign: (sale: Sale) => void): void {
  let sale: Sale
  beforeAll(async () => {
    sale = await open()
    assign(sale)
  })
  afterAll(() => sale.close())
  afterEach(async () => {
    await sale.expectInvariants()
    await sale.expectMoneyToMatch()
  })
}
