import * as z from "zod"

/** Date, time, fraction and offset as RFC 3339 writes them, with ranges; `t` and `z` may be small letters. */
const pattern =
  /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** A text in the form of a date and a time. It may still be invalid, or not of this century: hour 24, month 13, year 1999. */
const shape = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

const form = "must be a date and time with Z or an offset, such as 2026-11-27T09:00:00Z or 2026-11-27T10:00:00+01:00"
const outOfRange = "must be a date of the calendar in the years 2000 to 2099 and a time from 00:00:00 to 23:59:59"

const firstYear = 2000
const lastYear = 2099

/** Refuses 30 February, which JavaScript would read as a day in March. */
function isInCalendar(text: string): boolean {
  const day = Number(text.slice(8, 10))
  return new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day
}

/** The moment in a text of the pattern. RFC 3339 allows small letters, ISO 8601 does not. */
const instantOf = (text: string): Date => new Date(text.toUpperCase())

function isOfThisCentury(text: string): boolean {
  const year = instantOf(text).getUTCFullYear()
  return year >= firstYear && year <= lastYear
}

/**
 * A moment as a person writes it: RFC 3339 with `Z` or with an offset, of this century (PostgreSQL knows no year 0, and RFC 3339
 * ends with the year 9999). It becomes the same moment in UTC, to the millisecond, as in every answer: one moment with two
 * different offsets is one value.
 */
export const Moment = z
  .string()
  .regex(pattern, { error: ({ input }) => (shape.test(String(input)) ? outOfRange : form), abort: true })
  .refine(isInCalendar, { error: outOfRange, abort: true })
  .refine(isOfThisCentury, "must be in the years 2000 to 2099 in UTC")
  .transform((text) => instantOf(text).toISOString())
  .meta({ format: "date-time" })
