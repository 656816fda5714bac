import { chargeLimits } from "../currencies.ts"
import type { NoticeLanguage, Reader } from "./notice.ts"

/** Amounts, times and numbers as the reader's language writes them. */
export interface NoticeFormat {
  readonly price: (amountMinor: number, currency: string) => string
  readonly count: (value: number) => string
  /** Day and time of day, with the zone: a mail is read at another place and on another day. */
  readonly dateTime: (atMs: number) => string
}

/** British English has the day before the month and 24 hours, which readers of other countries misread least. */
const locales: Readonly<Record<NoticeLanguage, string>> = { en: "en-GB", de: "de-DE" }

/** The zone of a reader whose zone is not known. The name of the zone is written beside each time. */
const unknownZone = "UTC"

/** @param reader whose zone may be unknown to this runtime; the times are then in UTC */
export function noticeFormat({ language, zone }: Reader): NoticeFormat {
  const locale = locales[language]
  const whole = new Intl.NumberFormat(locale)
  const dateTime = new Intl.DateTimeFormat(locale, {
    timeZone: isZone(zone) ? zone : unknownZone,
    ...{ day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
    timeZoneName: "short",
  })
  return {
    price: (amountMinor, currency) => priceOf(locale, amountMinor, currency),
    count: (value) => whole.format(value),
    dateTime: (atMs) => dateTime.format(atMs),
  }
}

/** The provider's digits, not those of Intl: an amount in ISK or UGX has two decimals, and Intl shows none. */
function priceOf(locale: string, amountMinor: number, currency: string): string {
  const digits = chargeLimits.get(currency)?.digits ?? 2
  const isWhole = amountMinor % 10 ** digits === 0
  // Intl writes some currencies in whole units only: a part of a unit must be seen all the same.
  const fraction = isWhole ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...fraction }).format(amountMinor / 10 ** digits)
}

/** True for a zone that Intl knows. */
export function isZone(zone: string | undefined): zone is string {
  if (zone === undefined) return false
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
    return true
  } catch {
    return false
  }
}
