import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Command, InvalidArgumentError } from "commander"
import * as z from "zod"
import { jsonOf } from "../core/contracts/json.ts"
import { reservationAttribute, Span } from "../core/contracts/spans.ts"
import { type CommandContext, withExamples } from "./command-context.ts"

/** A span with the depth at which it is shown: the number of known spans that it is a part of. */
interface Placed {
  readonly span: Span
  readonly depth: number
}

/** Adds `ops trace`. */
export function addTraceCommand(program: Command, { options }: CommandContext): void {
  withExamples(program.command("trace <reservation>"), "trace 6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
    .description("show what was done for a traced reservation, from its HTTP request to the consumers of its events")
    .action((reservation: string) => {
      const id = reservationId(reservation)
      const { stage, json } = options()
      if (stage !== undefined) return console.log(json ? JSON.stringify({ search: inXRay(id) }) : inXRay(id))
      const spans = spansOfReservation(id, readSpans())
      if (spans.length === 0) {
        throw new Error(
          `No span of reservation ${id} is kept here. A request is traced when it has a header traceparent with the flag 01, and the files keep the last traces.`,
        )
      }
      console.log(json ? JSON.stringify(spans, null, 2) : traceTable(spans))
    })
}

function reservationId(text: string): string {
  const id = z.uuid().safeParse(text.toLowerCase())
  if (id.success) return id.data
  throw new InvalidArgumentError("It must be the id of a reservation, such as 6f9619ff-8b86-5d01-b42d-00cf4fc964ff.")
}

/** X-Ray keeps the spans of a deployed stage for 30 days. */
const inXRay = (id: string): string =>
  [
    "Search the traces in the CloudWatch console (X-Ray traces, Traces) with this query:",
    `  annotation[${reservationAttribute}] = "${id}"`,
    "Or with your credentials, for the last 6 hours:",
    `  aws xray get-trace-summaries --start-time "$(date -d '6 hours ago' +%s)" --end-time "$(date +%s)" --filter-expression 'annotation.${reservationAttribute} = "${id}"' --query 'TraceSummaries[].Id' --output text`,
    "  aws xray batch-get-traces --trace-ids <id>",
  ].join("\n")

/** Every span that the processes of the local system have written. */
function readSpans(): Span[] {
  const directory = process.env.TRACES_DIR
  if (directory === undefined) throw new Error("No system is running here. Start one (npm start), or name a stage (--stage).")
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => name.endsWith(".ndjson"))
    .flatMap((name) => readFileSync(join(directory, name), "utf8").split("\n"))
    .flatMap((line) => Span.safeParse(jsonOf(line)).data ?? [])
}

/** The spans of every trace that the reservation is in: its request may have been sent more than once. */
export function spansOfReservation(id: string, spans: readonly Span[]): Span[] {
  const traces = new Set(spans.flatMap(({ attributes, trace_id }) => (attributes[reservationAttribute] === id ? [trace_id] : [])))
  return inOrder(spans.filter(({ trace_id }) => traces.has(trace_id))).map(({ span }) => span)
}

/** Each span before its parts, the parts by their start. */
function inOrder(spans: readonly Span[]): Placed[] {
  const known = new Set(spans.map(({ span_id }) => span_id))
  const byStart = spans.toSorted((a, b) => a.start_ms - b.start_ms)
  const parts = Map.groupBy(byStart, ({ parent_id }) => (known.has(parent_id) ? parent_id : ""))
  const below = (parent: string, depth: number): Placed[] =>
    (parts.get(parent) ?? []).flatMap((span) => [{ span, depth }, ...below(span.span_id, depth + 1)])
  return below("", 0)
}

/** One line for each span: its start after the first one, its duration, its process, and its name below what it is a part of. */
export function traceTable(spans: readonly Span[]): string {
  const firstMs = Math.min(...spans.map(({ start_ms }) => start_ms))
  const rows = inOrder(spans).map(({ span, depth }) => [
    `+${(span.start_ms - firstMs).toFixed(1)} ms`,
    `${(span.end_ms - span.start_ms).toFixed(1)} ms`,
    span.part,
    `${"  ".repeat(depth)}${span.name}`,
    Object.entries(span.attributes)
      .filter(([name]) => name !== reservationAttribute)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  ])
  const all = [["start", "took", "part", "span", ""], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? "").length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  )
  const traces = new Set(spans.map(({ trace_id }) => trace_id))
  return [`trace ${[...traces].join(", ")}`, ...lines].join("\n")
}
