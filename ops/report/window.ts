import { lengthOfTimeMs } from "../quantities.ts"

/** The time that a report covers, cut into intervals of one length. */
export interface Window {
  readonly fromMs: number
  /** Not included. */
  readonly toMs: number
  readonly intervalSeconds: number
}

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
/** The longest window: a day of intervals of five minutes is as much as one page can show. */
export const maxWindowMs = 24 * hourMs
const maxIntervals = 288
const intervalLengths = [10, 20, 30, 60, 120, 300] as const

/** Time before the opening and after the last entry of the ledger that belongs to a sale. */
const beforeMs = 2 * minuteMs
const afterMs = 2 * minuteMs

const relative = /^-(\d{1,6}[smhd])$/
const absolute = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/
const moment = "a time as 2026-11-27T09:00:00Z, or one before now as -90m, -2h or -1d"

/** A moment that an operator gives: RFC 3339, or relative to now. @throws Error that says what is wrong with it */
export function momentOf(text: string, option: string, nowMs: number): number {
  if (text === "now") return nowMs
  const [, ago = ""] = relative.exec(text) ?? []
  const agoMs = lengthOfTimeMs(ago)
  if (agoMs !== undefined) return nowMs - agoMs
  const atMs = absolute.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs)) throw new Error(`${option} ${text} is no moment. Give ${moment}.`)
  return atMs
}

/** Where a report looks for sales: the options, or the last 24 h. @throws Error for a window that cannot be */
export function searchedWindow(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = to === undefined ? nowMs : momentOf(to, "--to", nowMs)
  const fromMs = from === undefined ? toMs - maxWindowMs : momentOf(from, "--from", nowMs)
  const at = (ms: number) => new Date(ms).toISOString()
  if (fromMs >= toMs) throw new Error(`--from ${at(fromMs)} is not before --to ${at(toMs)}. Exchange them.`)
  if (fromMs >= nowMs) throw new Error(`--from ${at(fromMs)} is in the future. A report looks back.`)
  if (toMs - fromMs > maxWindowMs) {
    throw new Error(
      `The window from ${at(fromMs)} to ${at(toMs)} is longer than 24 h. Ask for a part of it, for example --from -24h.`,
    )
  }
  return { fromMs, toMs: Math.min(toMs, nowMs) }
}

/** A sale, as far as its times go. Times are RFC 3339. */
interface Times {
  readonly opened_at: string | null
  readonly last_entry_at: string
}

/**
 * The window around sales, when the operator gave none: from shortly before the first opening to shortly after the last entry of
 * a ledger, and at most 24 h back from there.
 */
export function windowAround(
  sales: readonly Times[],
  searched: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  if (sales.length === 0) return searched
  const lastMs = Math.max(...sales.map((sale) => Date.parse(sale.last_entry_at)))
  const firstMs = Math.min(...sales.map((sale) => Date.parse(sale.opened_at ?? sale.last_entry_at)))
  const toMs = Math.min(nowMs, lastMs + afterMs)
  return { fromMs: Math.max(toMs - maxWindowMs, firstMs - beforeMs), toMs }
}

/**
 * Cuts a window into intervals, as short as a page can show and as the history has values for. The ends go outwards to whole
 * intervals.
 * @param leastSeconds the shortest interval for which there are values
 */
export function inIntervals({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, leastSeconds: number): Window {
  const isLongEnough = (seconds: number) => seconds >= leastSeconds && (toMs - fromMs) / (seconds * secondMs) <= maxIntervals - 1
  const intervalSeconds = intervalLengths.find(isLongEnough) ?? 300
  const lengthMs = intervalSeconds * secondMs
  const beginMs = Math.floor(fromMs / lengthMs) * lengthMs
  const endMs = Math.ceil(toMs / lengthMs) * lengthMs
  return { fromMs: beginMs, toMs: Math.min(endMs, beginMs + maxIntervals * lengthMs), intervalSeconds }
}

/** The beginnings of the intervals. */
export const beginningsOf = ({ fromMs, toMs, intervalSeconds }: Window): number[] =>
  Array.from(
    { length: Math.round((toMs - fromMs) / (intervalSeconds * secondMs)) },
    (_, index) => fromMs + index * intervalSeconds * secondMs,
  )
