import { machineOf } from "../rehearsal/machine.ts"
import { barChart } from "../report/bar-chart.ts"
import { holdSalesText } from "./hold-report.ts"
import type { CohortResult, FairnessResult } from "./result.ts"
import { mostly, textTable } from "./text-table.ts"

const percent = (part: number, whole: number): string => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(2)} %`)

const columns: readonly (readonly [name: string, cell: (result: CohortResult) => string])[] = [
  ["cohort", ({ name, held_out }) => `${name}${held_out ? " *" : ""}`],
  ["who", ({ hostile }) => (hostile ? "hostile" : "people")],
  ["requests", ({ requests }) => requests.toLocaleString("en")],
  ["refused", ({ refused }) => refused.toLocaleString("en")],
  ["share", ({ refused, requests }) => percent(refused, requests)],
  ["units", ({ units_won }) => units_won.toLocaleString("en")],
  ["answers", ({ answers }) => mostly(answers)],
]
const leftAligned: ReadonlySet<number> = new Set([0, 1, columns.length - 1])

/** The report as text: cohorts, confusion matrices, sales with short holds, checks. */
export function reportText(result: FairnessResult): string {
  return [
    textTable(
      [columns.map(([name]) => name), ...result.cohorts.map((cohort) => columns.map(([, cell]) => cell(cohort)))],
      leftAligned,
    ),
    "* held out: the scoring was not made with it in view",
    "",
    matrix("all", result.cohorts),
    matrix(
      "known",
      result.cohorts.filter(({ held_out }) => !held_out),
    ),
    matrix(
      "held out",
      result.cohorts.filter(({ held_out }) => held_out),
    ),
    `inversions: ${result.inversions}`,
    "",
    holdSalesText(result.hold_sales),
    "",
    ...result.checks.flatMap(({ name, ok, violations }) => [
      `${ok ? "ok  " : "FAIL"} ${name}`,
      ...violations.slice(0, 5).map((violation) => `       ${violation}`),
    ]),
  ].join("\n")
}

/** A confusion matrix: the label of the requests, against the decision of the system. */
function matrix(name: string, results: readonly CohortResult[]): string {
  const row = (hostile: boolean) => {
    const own = results.filter((result) => result.hostile === hostile)
    const sum = (of: (result: CohortResult) => number) => own.reduce((total, result) => total + of(result), 0)
    const [requests, refused] = [sum(({ requests }) => requests), sum(({ refused }) => refused)]
    const counts = [refused, requests - refused].map((count) => count.toLocaleString("en").padStart(9)).join("")
    return `  ${hostile ? "hostile" : "people "}${counts}   ${percent(refused, requests)}`
  }
  return [`${name.padEnd(9)}  refused   let in   refused of them`, row(true), row(false), ""].join("\n")
}

/** Draws the share of refused requests of each cohort, with different colours for people and hostile clients. */
export function refusedPlot({ cohorts }: FairnessResult, at: Date): string {
  const { cores, processor } = machineOf()
  return barChart(
    "Requests refused because of the client, by cohort",
    `${at.toISOString().slice(0, 10)}, ${cores} cores, ${processor}; dark: people, light: hostile, *: held out`,
    cohorts.map(({ name, hostile, held_out, requests, refused }) => ({
      label: `${name}${held_out ? " *" : ""}`,
      value: requests === 0 ? 0 : (100 * refused) / requests,
      isOurs: !hostile,
    })),
    (value) => `${value.toFixed(1)} %`,
  )
}
