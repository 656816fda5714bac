/**
 * The currencies that the payment provider charges in, and the limits of a charge. All amounts are in the provider's minor unit.
 *
 * Sources, compared on 2026-11-30: a stored copy of Stripe's "Supported currencies" (https://docs.stripe.com/currencies:
 * presentment currencies, zero-decimal and three-decimal currencies, special cases, minimum and maximum charge amounts), and CLDR
 * 48 for the digits (a test compares them). Currencies that ended are left out: BGN (the euro since 2026-01-01), ANG (XCG since
 * 2025-03-31), STD (STN since 2018-01-01).
 *
 * The provider states a minimum for the currencies that it settles in. A charge in another currency must be worth the minimum of
 * the account's settlement currency, which moves with the exchange rate. For those currencies this table holds only the smallest
 * step, and the provider refuses an amount that is too small (RUNBOOK, PaymentMisconfigured). The currencies of three decimals
 * are pegged, or nearly: their minimum is half a US dollar, rounded up.
 */
export interface ChargeLimits {
  /** Digits after the decimal point in the provider's amounts. */
  readonly digits: 0 | 2 | 3
  /** The least charge, in minor units. */
  readonly minimum: number
  /** The greatest charge, in minor units. */
  readonly maximum: number
  /** A charge is a multiple of this many minor units. */
  readonly multipleOf: number
}

/** Eight digits; twelve for the rupiah (IDR). */
const maximumOfMost = 99_999_999
const maximumOfRupiah = 999_999_999_999

/** The currency has one unit, and the amount counts it. */
const withoutDecimals = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"

/** Only whole units can be charged. The amount has two decimals all the same, so that older integrations continue to work. */
const withEmptyDecimals = "ISK UGX"

/** Three decimals, of which the last must be 0; with their minimum. */
const withThreeDecimals = { BHD: 190, JOD: 360, KWD: 160, OMR: 200, TND: 1_600 } as const

const withTwoDecimals = `
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK DKK DOP DZD
  EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK
  MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD
  SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG YER ZAR ZMW`

/** The provider's minimum where it states one. */
const statedMinimum: Readonly<Record<string, number>> = {
  AED: 200,
  AUD: 50,
  BRL: 50,
  CAD: 50,
  CHF: 50,
  CZK: 1_500,
  DKK: 250,
  EUR: 50,
  GBP: 30,
  HKD: 400,
  HUF: 17_500,
  INR: 50,
  JPY: 50,
  MXN: 1_000,
  MYR: 200,
  NOK: 300,
  NZD: 50,
  PLN: 200,
  RON: 200,
  SEK: 300,
  SGD: 50,
  THB: 1_000,
  USD: 50,
}

const codesOf = (list: string) => list.trim().split(/\s+/)

const entriesOf = (list: string, digits: ChargeLimits["digits"], multipleOf: number): (readonly [string, ChargeLimits])[] =>
  codesOf(list).map((code) => {
    const maximum = code === "IDR" ? maximumOfRupiah : maximumOfMost
    return [code, { digits, minimum: statedMinimum[code] ?? multipleOf, maximum, multipleOf }]
  })

/** Every currency that can be charged, by its ISO 4217 code. */
export const chargeLimits: ReadonlyMap<string, ChargeLimits> = new Map([
  ...entriesOf(withTwoDecimals, 2, 1),
  ...entriesOf(withoutDecimals, 0, 1),
  ...entriesOf(withEmptyDecimals, 2, 100),
  ...Object.entries(withThreeDecimals).map(
    ([code, minimum]) => [code, { digits: 3, minimum, maximum: maximumOfMost, multipleOf: 10 }] as const,
  ),
])

/** What is wrong with a price, and in which field. */
export interface PriceFault {
  readonly field: "currency" | "price_minor"
  readonly message: string
}

/**
 * Checks that the provider can charge one unit, and every quantity that a shopper may have.
 *
 * @param priceMinor price of one unit, in minor units
 * @returns undefined when every quantity from 1 to `perUserLimit` can be charged
 */
export function priceFault(priceMinor: number, currency: string, perUserLimit: number): PriceFault | undefined {
  const limits = chargeLimits.get(currency)
  if (limits === undefined) return { field: "currency", message: "must be a currency that the payment provider charges in" }
  const { minimum, maximum, multipleOf } = limits
  const fault = (message: string): PriceFault => ({ field: "price_minor", message })
  if (priceMinor < minimum) return fault(`must be at least ${minimum}: the provider charges no less in ${currency}`)
  if (priceMinor % multipleOf !== 0)
    return fault(`must be a multiple of ${multipleOf}: the provider charges no other amount in ${currency}`)
  if (priceMinor * perUserLimit > maximum) {
    return fault(`times per_user_limit must be at most ${maximum}: the provider charges no more in ${currency}`)
  }
  return undefined
}
