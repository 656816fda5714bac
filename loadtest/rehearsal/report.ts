import type { AnalyticsReport } from "../../core/contracts/analytics.ts"
import type { SkuStats } from "../../core/contracts/http/admin.ts"
import type { Check } from "./checks.ts"
import type { Probe } from "./climb.ts"
import { pointsOfPresence } from "./edge.ts"
import type { LatencySummary } from "./latencies.ts"
import type { Load } from "./load.ts"
import { loadSentence } from "./load.ts"
import type { Effort, Machine } from "./machine.ts"
import type { Outcomes } from "./outcomes.ts"
import { type SaleFigures, serviceLevelLines } from "./service-level-table.ts"
import type { RehearsalOptions } from "./settings.ts"
import { calls } from "./tally.ts"

/** All results of a rehearsal. `--json` writes this object. */
export interface Report extends SaleFigures {
  readonly at: string
  readonly skuId: string
  readonly machine: Machine
  readonly effort: Effort
  /** Of the local issuer; undefined if the tokens came from a file. */
  readonly mintedPerSecond?: number
  /** From the opening to the last answer. */
  readonly seconds: number
  /** The highest decisions a second of the system's writer. */
  readonly writerPeakPerSecond: number
  readonly outcomes: Outcomes
  /** What chose the peak; undefined if the peak was given. */
  readonly probe?: Probe
  readonly load: Load
  readonly units?: SkuStats
  /** What analytics counted from the events of the sale. */
  readonly analytics?: AnalyticsReport
  readonly checks: readonly Check[]
  readonly ok: boolean
}

/** The number of violations of one check that are printed. The file contains all. */
const maxPrinted = 5
const nameWidth = 34
const numberWidth = 10

/** How this run differs from the reference sale. */
const profileText = ({ edge, url }: RehearsalOptions): string =>
  `The reference sale's curve (80 % in the first phase) at a smaller scale; ${edge ? `a simulated edge of ${pointsOfPresence} points in front of the reads` : `no simulated edge: every read of the stock goes to ${url}`}`

/**
 * What a rehearsal can measure only when the system runs on its own machine. The report names it, so that no reader takes it for
 * measured.
 */
const skippedElsewhere = [
  "logging in: the tokens came from a file, so how fast they are issued was not measured",
  "the simulated edge: reads of the stock went to the system's own edge, and its share of the answers is not known",
  "the load of the system's machines: the stage's own dashboards show its functions, brokers, database and cache",
]

const skippedLines = ({ tokensFile }: RehearsalOptions): string[] =>
  tokensFile === undefined
    ? []
    : ["", "Skipped, because the system is a deployed one", ...skippedElsewhere.map((line) => `  ${line}`)]

/** The report as text. */
export function reportText(report: Report): string {
  const { options, outcomes, tally, effort, machine, units } = report
  const isElsewhere = options.tokensFile !== undefined
  return [
    `REHEARSAL ${report.skuId} on ${machine.cores} cores (${machine.processor}), ${isElsewhere ? `the generator; the system is at ${options.url}` : "generator included"}`,
    `${options.shoppers} shoppers for ${options.stock} units, holds of ${options.holdSeconds} s, up to ${options.peakPerSecond} arrivals/s, seed ${options.seed}`,
    profileText(options),
    "",
    "Outcomes of the shoppers",
    ...outcomeRows(outcomes),
    "",
    `${"Latencies (ms, from the planned time)".padEnd(nameWidth)}${["count", "p50", "p95", "p99", "max"].map((name) => name.padStart(numberWidth)).join("")}`,
    latencyRow("request to decision", tally.decision),
    latencyRow(options.edge ? "availability at the edge" : "availability", tally.looks),
    ...calls.map((call) => latencyRow(call === "availability" ? `${call} as sent` : call, tally.calls[call].latency)),
    latencyRow("generator behind its plan", tally.generatorLag),
    "",
    "Rates",
    row("arrivals/s at the peak", tally.arrivedPeakPerSecond),
    row("decisions/s at the peak, as answered", tally.decidedPeakPerSecond),
    row("decisions/s of the writer, peak", report.writerPeakPerSecond),
    row("seconds from opening to the end", report.seconds.toFixed(1)),
    ...(options.edge ? [row("reads answered by the edge", percent(tally.looks.edgeHits / Math.max(1, tally.looks.count)))] : []),
    row("cores that the generator used in the rush", effort.generatorCpuShare.toFixed(2)),
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
    "Analytics, counted from the events",
    ...(report.analytics ? analyticsRows(report.analytics) : ["  unknown"]),
    "",
    "Checks",
    ...report.checks.flatMap(checkRows),
    ...skippedLines(options),
    "",
    ...serviceLevelLines(report),
    "",
    loadSentence(report.load),
    "",
    report.ok ? "PASSED: nothing was oversold, every check holds." : "FAILED: see the checks above.",
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
  row("and got the same answer", outcomes.answeredAlike),
]

const analyticsRows = ({ totals, failed_orders, success_rate_percent }: AnalyticsReport): string[] => [
  row("events", totals.events),
  row("accepted", totals.accepted),
  row("refused", failed_orders),
  row("accepted of all decided", `${success_rate_percent} %`),
  row("confirmed", totals.confirmed),
  row("expired", totals.expired),
  row("units confirmed", totals.units_confirmed),
  ...Object.entries(totals.revenue_minor).map(([currency, money]) => row(`revenue, ${currency}`, (money / 100).toFixed(2))),
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
