/** Prices, times and numbers as the shopper's language and region write them. */
export interface Format {
  readonly locale: string
  /** Money, given in the currency's minor unit. */
  readonly price: (amountMinor: number, currency: string) => string
  readonly count: (value: number) => string
  /** The time of day, with seconds. */
  readonly clock: (atMs: number) => string
  readonly dateTime: (atMs: number) => string
  /** `2:05`, or `1:02:05`: rounded up, so that it says 0:00 only at the end. */
  readonly countdown: (leftMs: number) => string
  readonly plural: (value: number) => Intl.LDMLPluralRule
  readonly ordinal: (value: number) => Intl.LDMLPluralRule
}

const secondMs = 1_000

/** @param locale the language of the sentences, with the shopper's region where they have one: `en-GB`, `de` */
export function createFormat(locale: string): Format {
  const whole = new Intl.NumberFormat(locale)
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" })
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" })
  const cardinal = new Intl.PluralRules(locale)
  const ordinal = new Intl.PluralRules(locale, { type: "ordinal" })
  return {
    locale,
    price: (amountMinor, currency) => priceOf(locale, amountMinor, currency),
    count: (value) => whole.format(value),
    clock: (atMs) => clock.format(atMs),
    dateTime: (atMs) => dateTime.format(atMs),
    countdown,
    plural: (value) => cardinal.select(value),
    ordinal: (value) => ordinal.select(value),
  }
}

/** The payment provider's minor units, which are not always those of Intl (core/domain/currencies.ts; a test compares them). */
const withoutDecimals: ReadonlySet<string> = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" "))
const withThreeDecimals: ReadonlySet<string> = new Set("BHD JOD KWD OMR TND".split(" "))

function digitsOf(currency: string): number {
  if (withoutDecimals.has(currency)) return 0
  return withThreeDecimals.has(currency) ? 3 : 2
}

function priceOf(locale: string, amountMinor: number, currency: string): string {
  const digits = digitsOf(currency)
  const isWhole = amountMinor % 10 ** digits === 0
  // Intl writes some currencies in whole units only: a part of a unit must be seen all the same.
  const fraction = isWhole ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...fraction }).format(amountMinor / 10 ** digits)
}

function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / secondMs))
  const two = (value: number) => String(value).padStart(2, "0")
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** The locale for a language: the first of the shopper's own that is of this language, with its region. */
export const localeFor = (language: string, preferred: readonly string[]): string =>
  preferred.find((one) => one === language || one.startsWith(`${language}-`)) ?? language
