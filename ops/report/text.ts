import { textTable } from "../text-table.ts"
import { clock, milliseconds, money, number, percent, span, utc } from "./format.ts"
import type { Report } from "./schema.ts"

/** The report for a terminal: tables, the answers, and the proof last. */
export function reportText(report: Report): string {
  const { window, system, notes } = report
  return [
    `REPORT of ${system}, ${utc(window.from)} to ${utc(window.to)} (${span(window.from, window.to)}), intervals of ${window.interval_seconds} s`,
    ...notes.map((note) => `  ${note}`),
    ...section("Sales", salesTable(report)),
    ...section("Endpoints", endpointsTable(report)),
    ...section("Peaks", peaksTable(report)),
    ...section("Refusals", refusalsTable(report)),
    ...section("Errors", errorsTable(report)),
    ...section("Alarms", trippedTable(report)),
    ...section(
      "Answers",
      report.answers.flatMap(({ question, answer, known_by }) => [`${question} (${known_by})`, `  ${answer}`]).join("\n"),
    ),
    ...section("Proof", proofText(report)),
  ].join("\n")
}

const section = (title: string, text: string): string[] => ["", title.toUpperCase(), text]

const salesTable = ({ sales, sales_left_out }: Report): string =>
  [
    textTable(
      [
        ["sku", "status", "opened", "sold out", "total", "sold", "held", "waiting", "refused", "orders", "charged"],
        ...sales.map((sale) => {
          const orders = Object.values(sale.orders)
          return [
            ...[sale.sku_id, sale.status, clock(sale.opened_at), clock(sale.sold_out_at)],
            ...[sale.total, sale.sold, sale.reserved, sale.waitlisted].map((value) => number(value)),
            number(Object.values(sale.decided.refused).reduce((sum, requests) => sum + requests, 0)),
            number(orders.reduce((sum, each) => sum + each.orders, 0)),
            money(
              orders.reduce((sum, each) => sum + each.amount_minor, 0),
              sale.currency,
            ),
          ]
        }),
      ],
      4,
    ),
    ...(sales_left_out > 0 ? [`${number(sales_left_out)} more sales are left out: name those that you want to see.`] : []),
  ].join("\n")

const endpointsTable = ({ endpoints }: Report): string =>
  endpoints.length === 0
    ? "No request was measured in this window."
    : textTable([
        ["endpoint", "requests", "errors", "worst p95", "worst p99", "middle p95", "at"],
        ...endpoints.map((each) => [
          ...[each.endpoint, number(each.requests), number(each.errors)],
          ...[each.worst_p95_ms, each.worst_p99_ms, each.median_p95_ms].map(milliseconds),
          each.worst_at === null ? "" : clock(each.worst_at),
        ]),
      ])

const peaksTable = ({ peaks, planned_by_stage }: Report): string =>
  textTable([
    [`peak (planned by stage ${planned_by_stage})`, "planned/s", "measured/s", "share"],
    ...peaks.map((peak) => [
      ...[peak.what, number(peak.planned_per_second)],
      ...[number(peak.measured_per_second, 1), percent(peak.share_of_plan)],
    ]),
  ])

const refusalsTable = ({ refusals }: Report): string =>
  refusals.length === 0
    ? "none"
    : textTable(
        [
          ["reason", "by", "tier", "requests"],
          ...refusals.map(({ reason, by, tier, requests }) => [reason, by, tier ?? "-", number(requests)]),
        ],
        3,
      )

const errorsTable = ({ errors }: Report): string =>
  errors.length === 0
    ? "none was counted"
    : textTable([["cause", "where", "times"], ...errors.map(({ cause, where, times }) => [cause, where, number(times)])], 2)

const trippedTable = ({ tripped }: Report): string =>
  tripped.length === 0
    ? "none was in alarm"
    : textTable(
        [
          ["alarm", "priority", "from", "for", "sent", "runbook"],
          ...tripped.map(({ alarm, priority, from, to, sent, runbook }) => [
            ...[alarm, priority, clock(from), to === null ? "to the end" : span(from, to)],
            ...[sent === null ? "not known" : sent ? "yes" : "no, a cause was in alarm", runbook],
          ]),
        ],
        6,
      )

const proofText = ({ proof }: Report): string =>
  [
    proof.ok
      ? `Nothing is oversold: ${number(proof.entries)} ledger entries and ${number(proof.decisions)} decisions were verified.`
      : `THE PROOF FAILS: ${number(proof.oversold)} units oversold, ${number(proof.violations.length)} violations.`,
    ...proof.heads.map(({ sku_id, ledger_seq, head_hash }) => `  ${sku_id}: entry ${ledger_seq}, hash ${head_hash}`),
    ...proof.violations.map((violation) => `  ${violation}`),
  ].join("\n")
