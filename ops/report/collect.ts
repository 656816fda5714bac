import { type LedgerIntervals, maxFlaggedAccounts } from "../../core/contracts/operations/report.ts"
import type { StageConfig } from "../../lib/config.ts"
import type { Ask } from "../client.ts"
import { answersOf } from "./answers.ts"
import { costOfWindow } from "./cost-of-window.ts"
import {
  admissionRefusalsOf,
  cacheOf,
  endpointsOf,
  errorsOf,
  firstBottleneck,
  flaggedOf,
  type Measurements,
  peaksOf,
  queueOf,
  readMeasurements,
} from "./measured-figures.ts"
import { decisionRefusalsOf, oversoldOf, revenueOf, saleOverTime } from "./sale-figures.ts"
import { type Flagged, type Report, reportSchemaVersion } from "./schema.ts"
import type { ReportSources } from "./sources.ts"
import { inIntervals, searchedWindow, type Window, windowAround } from "./window.ts"

export interface ReportRequest {
  readonly skuIds: readonly string[]
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** A deployed stage; undefined is the system of this machine. */
  readonly stage: string | undefined
}

interface ReportParts {
  readonly ask: Ask
  readonly sources: ReportSources
  /** The stage whose declared rates and sizes the report compares with. */
  readonly planned: StageConfig
  /** Receives a line before each step that may take long. */
  readonly progress: (line: string) => void
  readonly nowMs: number
}

/**
 * Makes the report of some sales, or of all that closed or sold out in the window. It changes nothing.
 * @throws Error for a window that cannot be, or without a sale; the errors of the ops function and of the sources
 */
export async function collectReport(request: ReportRequest, parts: ReportParts): Promise<Report> {
  const { ask, sources, planned, progress, nowMs } = parts
  const searched = searchedWindow(request, nowMs)
  progress("looking for the sales")
  const found = await ask({
    command: "report-sales",
    sku_ids: [...request.skuIds],
    from: timestamp(searched.fromMs),
    to: timestamp(searched.toMs),
  })
  if (found.sales.length === 0) throw new Error(noSale(searched))
  const hasWindow = request.from !== undefined || request.to !== undefined
  const around = hasWindow ? searched : windowAround(found.sales, searched, nowMs)
  const leastSeconds = sources.history.leastSeconds(around.fromMs, nowMs)
  const window = inIntervals(around, leastSeconds)

  progress(`reading metrics from ${timestamp(window.fromMs)} to ${timestamp(window.toMs)}, every ${window.intervalSeconds} s`)
  const measured = await readMeasurements(sources.history, window, request.stage)
  const ledgers = await readLedgers(parts, found.sales, measured)
  progress("reading alarms and the log of flagged clients")
  const tripped = await sources.tripped(window)
  const flagged = await readFlagged(
    parts,
    found.sales.map(({ sku_id }) => sku_id),
    measured,
  )
  progress("verifying every ledger; this reads all decisions")
  const { ok, entries, decisions, violations } = await ask({ command: "verify-sale" })

  const endpoints = endpointsOf(measured)
  const oversold = oversoldOf(ledgers, found.sales)
  const orders = found.sales.flatMap((sale) => Object.values(sale.orders)).reduce((sum, each) => sum + each.orders, 0)
  const withoutAnswers = {
    schema_version: reportSchemaVersion,
    made_at: timestamp(nowMs),
    system: request.stage ?? "local",
    planned_by_stage: planned.name,
    window: {
      from: timestamp(window.fromMs),
      to: timestamp(window.toMs),
      interval_seconds: window.intervalSeconds,
      intervals: [...measured.intervals],
    },
    notes: notesOf(parts, request, window, leastSeconds),
    sales: found.sales,
    sales_left_out: found.left_out,
    sales_over_time: ledgers.map((ledger) => saleOverTime(ledger, measured.intervals)),
    revenue: revenueOf(found.sales),
    endpoints,
    cache: cacheOf(measured),
    refusals: [...admissionRefusalsOf(measured), ...decisionRefusalsOf(found.sales)],
    flagged,
    queue: queueOf(measured),
    peaks: peaksOf(measured, planned),
    errors: errorsOf(measured),
    tripped,
    proof: {
      ...{ ok: ok && oversold === 0, oversold, entries, decisions, violations },
      heads: found.sales.map(({ sku_id, ledger_seq, head_hash }) => ({ sku_id, ledger_seq, head_hash })),
    },
    cost: costOfWindow(planned, { endpoints, orders, seconds: (window.toMs - window.fromMs) / 1_000 }),
  } satisfies Omit<Report, "answers">
  return { ...withoutAnswers, answers: answersOf({ ...withoutAnswers, bottleneck: firstBottleneck(measured) }) }
}

const timestamp = (ms: number): string => new Date(ms).toISOString()

const noSale = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string =>
  `No sale closed or sold out between ${timestamp(fromMs)} and ${timestamp(toMs)}. Name SKUs (report <sku>), or another window (--from -24h).`

async function readLedgers(
  { ask, progress }: ReportParts,
  sales: readonly { readonly sku_id: string }[],
  { window, intervals }: Measurements,
): Promise<LedgerIntervals[]> {
  const ledgers: LedgerIntervals[] = []
  for (const { sku_id } of sales) {
    progress(`reading the ledger of ${sku_id}`)
    ledgers.push(
      await ask({
        command: "report-ledger",
        sku_id,
        from: timestamp(window.fromMs),
        interval_seconds: window.intervalSeconds,
        intervals: intervals.length,
      }),
    )
  }
  return ledgers
}

async function readFlagged({ ask, sources }: ReportParts, skuIds: readonly string[], measured: Measurements): Promise<Flagged> {
  const { users, leftOut } = await sources.flagged(measured.window)
  const seen = [...users].slice(0, maxFlaggedAccounts)
  const known =
    seen.length === 0
      ? { accepted: 0, paid: 0, units_paid: 0 }
      : await ask({ command: "report-flagged", sku_ids: [...skuIds], users: seen })
  return {
    ...flaggedOf(measured),
    accounts_seen: seen.length,
    lines_left_out: leftOut,
    accounts_accepted: known.accepted,
    accounts_paid: known.paid,
    units_paid: known.units_paid,
  }
}

/** What the reader must know of the numbers, before they read them. */
const notesOf = (
  { sources, planned }: ReportParts,
  { stage }: ReportRequest,
  { intervalSeconds }: Window,
  leastSeconds: number,
): string[] => [
  sources.history.source,
  `Numbers over time are of intervals of ${intervalSeconds} s${leastSeconds > 10 ? `; shorter values of this window are not kept any more` : ""}. A function writes its metrics every ten seconds: a value may stand one interval too late.`,
  "Percentiles are of one function and one interval, from a sample of at most 100 values for each process and ten seconds.",
  "Counters of sales and money are those of now. Requests, latencies and alarms are those of the window, over all SKUs.",
  ...(stage === undefined
    ? [`The local system has no plan of its own: planned rates and the cost are those of stage ${planned.name}.`]
    : []),
]
