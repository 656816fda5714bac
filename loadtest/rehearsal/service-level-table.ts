import type { ServiceLevel } from "./service-levels.ts"
import type { RehearsalOptions } from "./settings.ts"
import type { TallySummary } from "./tally.ts"

/** What is compared with the service levels and with the reference sale. */
export interface SaleFigures {
  readonly options: RehearsalOptions
  readonly tally: TallySummary
  readonly serviceLevels: readonly ServiceLevel[]
  /** By plan: the share of the shoppers that arrive in the first phase, and its length. */
  readonly firstPhaseShare: number
  readonly firstPhaseSeconds: number
  /** From the opening to the first answer that all units are taken. */
  readonly soldOutAfterSeconds?: number
}

/** The sale that the service levels are made for. */
const referenceSale = {
  units: 10_000,
  requestsPerSecond: 25_000,
  readsPerSecond: 250_000,
  firstPhaseShare: 0.8,
  firstPhaseSeconds: 30,
  soldOutSeconds: 25,
  businessShare: 0.99,
} as const

const idWidth = 7
const meaningWidth = 54
const cellWidth = 16

const cells = (values: readonly string[]): string => values.map((value) => value.padStart(cellWidth)).join("")
const line = (id: string, meaning: string, ...values: readonly string[]): string =>
  `  ${id.padEnd(idWidth)}${meaning.padEnd(meaningWidth)}${cells(values)}`

/** The service levels, each met or missed with its figure, and this sale beside the reference sale. */
export function serviceLevelLines(sale: SaleFigures): string[] {
  return [
    `${"Service levels (p95)".padEnd(idWidth + meaningWidth + 2)}${cells(["at most", "here", "verdict"])}`,
    ...sale.serviceLevels.map(({ id, meaning, limitMs, p95Ms, verdict }) =>
      line(id, meaning, `${limitMs} ms`, verdict === "not measured" ? "-" : `${p95Ms.toFixed(1)} ms`, verdictText(verdict)),
    ),
    "",
    `${"This sale beside the reference sale".padEnd(idWidth + meaningWidth + 2)}${cells(["here", "reference sale"])}`,
    ...comparison(sale).map(([name, here, reference]) => line("", name, here, reference)),
  ]
}

const verdictText = (verdict: string): string => (verdict === "missed" ? "MISSED" : verdict)

function comparison({
  options,
  tally,
  firstPhaseSeconds,
  soldOutAfterSeconds,
  ...sale
}: SaleFigures): [string, string, string][] {
  const reads = tally.looks.count / Math.max(1, tally.calls.reserve.latency.count)
  const { requestsPerSecond, readsPerSecond, soldOutSeconds } = referenceSale
  return [
    ["units", figure(options.stock), figure(referenceSale.units)],
    ["arrivals a second at the peak, as planned", figure(options.peakPerSecond), figure(requestsPerSecond)],
    ["reads of the stock for each request", reads.toFixed(1), (readsPerSecond / requestsPerSecond).toFixed(1)],
    ["share of the shoppers in the first phase", percent(sale.firstPhaseShare, 0), percent(referenceSale.firstPhaseShare, 0)],
    ["length of the first phase", seconds(firstPhaseSeconds), seconds(referenceSale.firstPhaseSeconds)],
    [
      "first answer that all units are taken",
      soldOutAfterSeconds === undefined ? "-" : seconds(soldOutAfterSeconds),
      seconds(soldOutSeconds),
    ],
    [
      "requests with a business answer",
      percent(tally.requests === 0 ? 0 : tally.businessAnswers / tally.requests, 2),
      `>= ${percent(referenceSale.businessShare, 0)}`,
    ],
  ]
}

const figure = (value: number): string => value.toLocaleString("en")
const seconds = (value: number): string => `${value.toFixed(1)} s`
const percent = (share: number, digits: number): string => `${(share * 100).toFixed(digits)} %`
