import { writeFileSync } from "node:fs"
import { Command } from "commander"
import { integerBetween } from "../../local/supervisor/options.ts"
import { BenchFailed } from "../measure/failed.ts"
import type { AnalyticsRun } from "./result.ts"
import { runAnalytics } from "./run.ts"

const kibibyte = 1_024
const mebibyte = kibibyte ** 2

interface AnalyticsOptions {
  readonly events: number
  readonly json?: string
}

/** `bench analytics`: events a second of the consumer, beside a loop that only parses them. */
export const analyticsCommand = (): Command =>
  new Command("analytics")
    .description("Measures how many events a second the consumer of analytics counts, beside a loop that only parses them.")
    .option("--events <n>", "events of the topic", integerBetween(10_000, 10_000_000), 1_000_000)
    .option("--json <file>", "also write the results to this file")
    .action(async (options: AnalyticsOptions) => {
      process.exitCode = await measureAnalytics(options)
    })

async function measureAnalytics({ events, json }: AnalyticsOptions): Promise<number> {
  // A file that cannot be written fails here, and not after the run.
  if (json) writeFileSync(json, "")
  try {
    const run = await runAnalytics(events, (line) => console.log(line))
    console.log(`\n${analyticsTable(run)}`)
    if (json) writeFileSync(json, `${JSON.stringify(run, undefined, 2)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof BenchFailed)) throw error
    console.error(error.message)
    return 1
  }
}

const titles = {
  "json-loop": "kafkajs and JSON.parse alone",
  analytics: "the local consumer, store included",
  "analytics-function": "the function alone, 5,000 events a delivery",
} as const

/** The run as text. */
function analyticsTable({ results, heap, state_bytes }: AnalyticsRun): string {
  const [floor] = results
  const rows = results.map((result) => [
    titles[result.name],
    Math.round(result.per_second).toLocaleString("en"),
    `${((100 * result.per_second) / (floor?.per_second ?? 1)).toFixed(0)} %`,
    result.cpu_us.toFixed(1),
    Math.round(result.events / result.deliveries).toLocaleString("en"),
  ])
  const header = ["", "events/s", "of the first", "µs of CPU each", "events a delivery"]
  const widths = header.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join("  ")
  return [
    ...[header, ...rows].map(line),
    "",
    ...heap.map(({ events, bytes }) => `heap after ${events.toLocaleString("en")} events: ${(bytes / mebibyte).toFixed(1)} MiB`),
    `largest state of a partition: ${(state_bytes / kibibyte).toFixed(1)} KiB`,
  ].join("\n")
}
