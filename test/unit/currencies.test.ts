import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CreateSkuBody } from "../../core/contracts/http/admin.ts"
import { chargeLimits, priceFault } from "../../core/domain/currencies.ts"

/** The provider counts these in two decimals. CLDR shows none: the fractions are not in use, or must be 00. */
const shownWithoutDecimals = "AFN ALL COP HUF IDR ISK LAK LBP MMK PKR SOS UGX YER".split(" ")

test("every currency is known, and has the digits that CLDR gives it, except those whose fractions are not in use", () => {
  const known = new Set(Intl.supportedValuesOf("currency"))
  for (const [code, { digits }] of chargeLimits) {
    expect(known.has(code), code).toBe(true)
    const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency: code }).resolvedOptions()
    expect([code, digits]).toEqual([code, shownWithoutDecimals.includes(code) ? 2 : maximumFractionDigits])
  }
})

test("every minimum and maximum is an amount that can be charged", () => {
  for (const [code, { minimum, maximum, multipleOf }] of chargeLimits) {
    expect(minimum % multipleOf, code).toBe(0)
    expect(minimum, code).toBeGreaterThan(0)
    expect(maximum, code).toBeGreaterThan(minimum)
    expect(priceFault(minimum, code, 1), code).toBeUndefined()
    expect(priceFault(minimum - 1, code, 1), code).toMatchObject({ field: "price_minor" })
  }
})

describe("a price", () => {
  test.each<[string, number, string, number, "price_minor" | "currency" | undefined]>([
    ["of nothing is refused", 0, "EUR", 1, "price_minor"],
    ["of 20 euro cents is below the provider's minimum", 20, "EUR", 1, "price_minor"],
    ["of 50 euro cents is accepted", 50, "EUR", 1, undefined],
    ["of 49 yen is below the minimum", 49, "JPY", 1, "price_minor"],
    ["of 1,234 fils cannot be charged", 1_234, "KWD", 1, "price_minor"],
    ["of 1,230 fils can be charged", 1_230, "KWD", 1, undefined],
    ["of half a krona cannot be charged", 50, "ISK", 1, "price_minor"],
    ["of 600,000 euros can be charged for one unit", 60_000_000, "EUR", 1, undefined],
    ["of 600,000 euros cannot be charged for two units", 60_000_000, "EUR", 2, "price_minor"],
    ["in rupiah (IDR) may be larger", 60_000_000, "IDR", 2, undefined],
    ["in an unknown currency is refused", 1_000, "XYZ", 1, "currency"],
    ["in a currency that ended is refused", 1_000, "BGN", 1, "currency"],
  ])("%s", (_, price, currency, limit, field) => {
    expect(priceFault(price, currency, limit)?.field).toBe(field)
    const sku = { sku_id: "A", name: "A", price_minor: price, currency, total_stock: 1, per_user_limit: limit }
    const { error } = CreateSkuBody.safeParse(sku)
    expect(error?.issues.map(({ path }) => path.join("."))).toEqual(field && [field])
  })

  test("that is accepted can be charged for every allowed quantity", () => {
    const price = fc.integer({ min: 0, max: 200_000_000 })
    const limit = fc.integer({ min: 1, max: 1_000 })
    fc.assert(
      fc.property(
        fc.constantFrom(...chargeLimits.keys()),
        price,
        limit,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (...drawn) => {
          const [currency, priceMinor, perUserLimit, share] = drawn
          fc.pre(priceFault(priceMinor, currency, perUserLimit) === undefined)
          const amount = priceMinor * (1 + Math.floor(share * (perUserLimit - 1)))
          const { minimum, maximum, multipleOf } = chargeLimits.get(currency) ?? { minimum: 0, maximum: 0, multipleOf: 1 }
          expect(amount >= minimum && amount <= maximum && amount % multipleOf === 0).toBe(true)
        },
      ),
    )
  })
})
