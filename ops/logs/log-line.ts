import { jsonOf } from "../../core/contracts/json.ts"

/** One line of a log, with what can be read from it. A line of a server, such as Kafka, has a text only. */
export interface LogLine {
  readonly raw: string
  readonly atMs?: number
  readonly level?: string
  /** The function that wrote it. */
  readonly service?: string
  readonly message: string
  /** The other members, such as ids and the error. */
  readonly members: Readonly<Record<string, unknown>>
}

/** Which lines to show. */
export interface LogFilter {
  readonly sinceMs: number
  readonly find?: string
  /** Only lines of level ERROR or CRITICAL. */
  readonly errors: boolean
}

/** Reads a line of JSON as our functions write it, or any other text. */
export function logLine(raw: string): LogLine {
  const parsed = raw.startsWith("{") ? jsonOf(raw) : undefined
  if (typeof parsed !== "object" || parsed === null) return { raw, message: raw, members: {} }
  const { level, message, timestamp, service, ...members } = parsed as Record<string, unknown>
  const atMs = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN
  return {
    raw,
    message: typeof message === "string" ? message : raw,
    members,
    ...(Number.isFinite(atMs) && { atMs }),
    ...(typeof level === "string" && { level }),
    ...(typeof service === "string" && { service }),
  }
}

const errorLevels: readonly unknown[] = ["ERROR", "CRITICAL"]

/** A line without a time passes the limit of time: its file is of the present. */
export const passes = ({ sinceMs, find, errors }: LogFilter, line: LogLine): boolean =>
  (line.atMs ?? sinceMs) >= sinceMs &&
  (!errors || errorLevels.includes(line.level)) &&
  (find === undefined || line.raw.includes(find))

/** A line for a person: time in UTC, level, function, message, and the other members by name. */
export function shownLine({ raw, atMs, level, service, message, members }: LogLine): string {
  if (level === undefined) return raw
  const time = atMs === undefined ? "" : new Date(atMs).toISOString().slice(11, 23)
  const rest = Object.entries(members).map(([name, value]) => `${name}=${shownMember(value)}`)
  return [time, level, `${service}:`, message, ...rest].join(" ")
}

/** Of an error its name and message: its stack is in the JSON. */
function shownMember(value: unknown): string {
  if (typeof value === "object" && value !== null && "name" in value && "message" in value) {
    return JSON.stringify(`${value.name}: ${value.message}`)
  }
  return typeof value === "string" ? value : JSON.stringify(value)
}
