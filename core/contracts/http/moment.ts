import * as z from "zod"

/** Date, time, fraction and offset as RFC 3339 writes them, with ranges; `t` and `z` may be small letters. */
const pattern =
  /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** What looks like a date and a time and may still be none, or none of this century: hour 24, month 13, year 1999. */
const shape = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

const form = "must be a date and time with Z or an offset, such as 2026-11-27T09:00:00Z or 2026-11-27T10:00:00+01:00"
const outOfRange = "must be a date of the calendar in the years 2000 to 2099 and a time from 00:00:00 to 23:59:59"

const firstYear = 2000
const lastYear = 2099

/** There is no 30 February: JavaScript would go on into March. */
function isInCalendar(text: string): boolean {
  const day = Number(text.slice(8, 10))
  return new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day
}

/** A text of the pattern as a moment; small letters are RFC 3339 and not ISO 8601. */
const instantOf = (text: string): Date => new Date(text.toUpperCase())

function isOfThisCentury(text: string): boolean {
  const year = instantOf(text).getUTCFullYear()
  return year >= firstYear && year <= lastYear
}

/**
 * A moment as a person writes it: RFC 3339 with `Z` or with an offset, of this century (PostgreSQL knows no year 0, and beyond
 * 9999 there is no RFC 3339). It becomes the same moment in UTC, to the millisecond, as every answer shows it: two offsets of one
 * moment are one value.
 */
export const Moment = z
  .string()
  .regex(pattern, { error: ({ input }) => (shape.test(String(input)) ? outOfRange : form), abort: true })
  .refine(isInCalendar, { error: outOfRange, abort: true })
  .refine(isOfThisCentury, "must be in the years 2000 to 2099 in UTC")
  .transform((text) => instantOf(text).toISOString())
  .meta({ format: "date-time" })
