import type { SkuStats } from "../../core/contracts/http/admin.ts"
import type { Check } from "./checks.ts"
import { pointsOfPresence } from "./edge.ts"
import type { LatencySummary } from "./latencies.ts"
import type { Effort, Machine } from "./machine.ts"
import type { RehearsalOptions } from "./options.ts"
import type { Outcomes } from "./outcomes.ts"
import { calls, type TallySummary } from "./tally.ts"

/** Everything a rehearsal found; `--json` writes it as it is. */
export interface Report {
  readonly at: string
  readonly skuId: string
  readonly options: RehearsalOptions
  readonly machine: Machine
  readonly effort: Effort
  /** Of the local issuer; undefined where the tokens came from a file. */
  readonly mintedPerSecond?: number
  /** From the opening to the last answer. */
  readonly seconds: number
  /** Decisions a second of the system's writer, at its fastest. */
  readonly writerPeakPerSecond: number
  readonly outcomes: Outcomes
  readonly tally: TallySummary
  readonly units?: SkuStats
  readonly checks: readonly Check[]
  readonly ok: boolean
}

/** Violations of one check that are printed; the file has all. */
const maxPrinted = 5
const nameWidth = 34
const numberWidth = 10

/** How this run differs from the reference sale. */
const profileText = ({ edge, url }: RehearsalOptions): string =>
  `The reference sale's curve (80 % in the first phase) at a smaller scale; ${edge ? `a simulated edge of ${pointsOfPresence} points in front of the reads` : `no simulated edge: every look is sent to ${url}`}`

/**
 * What a rehearsal sees of a system on its own machine, and cannot see of one elsewhere: said, so that nobody takes it for
 * measured.
 */
const skippedElsewhere = [
  "logging in: the tokens came from a file, so how fast they are issued was not measured",
  "the simulated edge: looks went to the address, and which of them its own edge answered is not known",
  "the load of the system's machines: its parts, brokers, database and cache are seen in the stage's own dashboards",
]

const skippedLines = ({ tokensFile }: RehearsalOptions): string[] =>
  tokensFile === undefined
    ? []
    : ["", "Skipped, because the system is a deployed one", ...skippedElsewhere.map((line) => `  ${line}`)]

/** The report for people. */
export function reportText(report: Report): string {
  const { options, outcomes, tally, effort, machine, units } = report
  const isElsewhere = options.tokensFile !== undefined
  return [
    `REHEARSAL ${report.skuId} on ${machine.cores} cores (${machine.processor}), ${isElsewhere ? `the generator; the system is at ${options.url}` : "generator included"}`,
    `${options.shoppers} shoppers for ${options.stock} units, holds of ${options.holdSeconds} s, up to ${options.peakPerSecond} arrivals/s, seed ${options.seed}`,
    profileText(options),
    "",
    "What became of the shoppers",
    ...outcomeRows(outcomes),
    "",
    `${"Latencies (ms, from the moment meant)".padEnd(nameWidth)}${["count", "p50", "p95", "p99", "max"].map((name) => name.padStart(numberWidth)).join("")}`,
    latencyRow("request to decision", tally.decision),
    latencyRow(options.edge ? "availability at the edge" : "availability", tally.looks),
    ...calls.map((call) => latencyRow(call === "availability" ? `${call} as sent` : call, tally.calls[call].latency)),
    latencyRow("generator behind its plan", tally.generatorLag),
    "",
    "Rates",
    row("arrivals/s at the peak", tally.arrivedPeakPerSecond),
    row("decisions/s at the peak, as told", tally.decidedPeakPerSecond),
    row("decisions/s of the writer, peak", report.writerPeakPerSecond),
    row("seconds from opening to the end", report.seconds.toFixed(1)),
    ...(options.edge ? [row("looks answered by the edge", percent(tally.looks.edgeHits / Math.max(1, tally.looks.count)))] : []),
    row("cores the generator took in the rush", effort.generatorCpuShare.toFixed(2)),
    row(isElsewhere ? "all its cores busy in the rush" : "all cores busy in the rush", percent(effort.machineBusyShare)),
    "",
    "Answers",
    ...calls.flatMap((call) => countRows(call, tally.calls[call].answers)),
    row("business answers", percent(tally.requests === 0 ? 0 : tally.businessAnswers / tally.requests)),
    "",
    "Errors",
    ...(Object.keys(tally.errors).length > 0 ? countRows("", tally.errors) : ["  none"]),
    "",
    "Units",
    ...(units
      ? [row("stock", units.total), row("sold", units.sold), row("held", units.reserved), row("available", units.available)]
      : ["  unknown"]),
    "",
    "Checks",
    ...report.checks.flatMap(checkRows),
    ...skippedLines(options),
    "",
    report.ok ? "ALL IS WELL: nothing was oversold, every check holds." : "NOT WELL: see the checks above.",
  ].join("\n")
}

const outcomeRows = (outcomes: Outcomes): string[] => [
  row("shoppers", outcomes.shoppers),
  row("only looked", outcomes.onlyLooked),
  row("won a unit", outcomes.won),
  row("waitlisted", outcomes.waitlisted),
  row("promoted from the waitlist", outcomes.promoted),
  ...countRows("refused (decided)", outcomes.refused),
  ...countRows("refused (not decided)", outcomes.turnedAway),
  row("without an answer", outcomes.unanswered),
  row("paid", outcomes.paid),
  row("declined at first", outcomes.declined),
  row("cancelled", outcomes.cancelled),
  row("expired", outcomes.expired),
  row("asked again with the same key", outcomes.askedAgain),
  row("and were answered alike", outcomes.answeredAlike),
]

const row = (name: string, value: number | string): string =>
  `  ${name.padEnd(nameWidth - 2)}${(typeof value === "number" ? value.toLocaleString("en") : value).padStart(numberWidth)}`

const countRows = (prefix: string, counts: Readonly<Record<string, number>>): string[] =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => row(`${prefix} ${name}`.trim(), count))

const latencyRow = (name: string, { count, p50Ms, p95Ms, p99Ms, maxMs }: LatencySummary): string =>
  `  ${name.padEnd(nameWidth - 2)}${[count.toLocaleString("en"), ...[p50Ms, p95Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1))]
    .map((text) => text.padStart(numberWidth))
    .join("")}`

function checkRows({ name, ok, violations }: Check): string[] {
  const shown = violations.slice(0, maxPrinted).map((violation) => `         ${violation}`)
  const more = violations.length > maxPrinted ? [`         and ${violations.length - maxPrinted} more`] : []
  return [`  ${ok ? "ok  " : "FAIL"}  ${name}`, ...shown, ...more]
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
