import { chargeLimits } from "../../core/domain/currencies.ts"

/** A number with thousands separated; `digits` after the point. */
export const number = (value: number | null, digits = 0): string =>
  value === null
    ? "not measured"
    : value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** A share as a percentage. */
export const percent = (share: number | null): string => (share === null ? "not measured" : `${number(share * 100, 1)} %`)

/** A time in milliseconds: in seconds from ten seconds on. */
export const milliseconds = (ms: number | null): string => {
  if (ms === null) return "not measured"
  return ms >= 10_000 ? `${number(ms / 1_000, 1)} s` : `${number(ms, ms < 10 ? 1 : 0)} ms`
}

/** An amount of a currency, from the provider's minor units. */
export function money(minor: number, currency: string): string {
  const digits = chargeLimits.get(currency)?.digits ?? 2
  return `${number(minor / 10 ** digits, digits)} ${currency}`
}

/** The time of a moment in UTC, to the second. */
export const clock = (moment: string | null): string => (moment === null ? "never" : `${moment.slice(11, 19)} UTC`)

/** A moment in UTC, with its day. */
export const utc = (moment: string): string => `${moment.slice(0, 10)} ${moment.slice(11, 19)} UTC`

/** A span of time between two moments, for people. */
export function span(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1_000
  if (seconds < 120) return `${number(seconds, 1)} s`
  return seconds < 7_200 ? `${number(seconds / 60)} min` : `${number(seconds / 3_600, 1)} h`
}
