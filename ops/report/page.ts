import { clock, milliseconds, money, number, percent, span, utc } from "./format.ts"
import { type Html, html } from "./html.ts"
import { style } from "./page-style.ts"
import { plotWithTable } from "./plot.ts"
import type { Report } from "./schema.ts"
import { rowsTable } from "./tables.ts"

/** The report as one HTML file. It loads nothing, runs no script, and says so in its policy. */
export const reportPage = (report: Report): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${titleOf(report)}</title><style>${style}</style></head><body><main>
<h1>${titleOf(report)}</h1>
<p>${utc(report.window.from)} to ${utc(report.window.to)} (${span(report.window.from, report.window.to)}); on the machine that made it: ${local(report.window.from)} to ${local(report.window.to)}.</p>
${verdict(report)}
<h2>Questions after the event</h2>${answers(report)}
<h2>Sales</h2>${sales(report)}${unitPlots(report)}
<h2>Money</h2>${revenue(report)}${moneyPlots(report)}
<h2>Endpoints</h2>${endpoints(report)}${endpointPlots(report)}
<h2>Planned and measured peaks</h2>${peaks(report)}
<h2>Queue</h2>${queuePlots(report)}
<h2>Cache</h2>${cachePlot(report)}
<h2>Refusals</h2>${refusals(report)}
<h2>Flagged clients</h2>${flagged(report)}
<h2>Errors</h2>${errors(report)}
<h2>Alarms</h2>${alarms(report)}
<h2>Proof</h2>${proof(report)}
<h2>Cost</h2>${cost(report)}
<h2>Notes</h2><ul>${report.notes.map((note) => html`<li>${note}`)}</ul>
<p>Made at ${utc(report.made_at)}, schema version ${report.schema_version}.</p>
</main></body></html>
`.text

const titleOf = ({ sales, system }: Report): string =>
  `Report of ${sales.length === 1 ? (sales[0]?.sku_id ?? "") : `${sales.length} sales`} (${system === "local" ? "local system" : `stage ${system}`})`

const local = (moment: string): string => new Date(moment).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" })

function verdict({ proof: { ok, oversold, entries, decisions } }: Report): Html {
  const text = ok
    ? `Nothing is oversold. The proof holds over ${number(entries)} ledger entries and ${number(decisions)} decisions.`
    : `The proof FAILS: ${number(oversold)} units oversold. Keep the sale halted until verify-sale passes.`
  return html`<p class="verdict ${ok ? "good" : "bad"}"><strong>${ok ? "OK" : "FAILED"}</strong> ${text}</p>`
}

const answers = ({ answers: all }: Report): Html =>
  html`<dl>${all.map(({ question, answer, known_by }) => html`<dt>${question}<dd>${answer} <small>(known by: ${known_by})</small>`)}</dl>`

const sales = ({ sales: all, sales_left_out }: Report): Html =>
  html`${rowsTable(
    ["SKU", "name", "status", "opened", "sold out", "closed", "total", "sold", "held", "waiting", "refused"],
    all.map((sale) => [
      ...[sale.sku_id, sale.name, sale.status, clock(sale.opened_at), clock(sale.sold_out_at), clock(sale.closed_at)],
      ...[sale.total, sale.sold, sale.reserved, sale.waitlisted].map((value) => number(value)),
      number(Object.values(sale.decided.refused).reduce((sum, requests) => sum + requests, 0)),
    ]),
    6,
  )}${sales_left_out > 0 ? html`<p>${number(sales_left_out)} more sales are left out.</p>` : ""}`

const unitPlots = ({ sales_over_time, window }: Report): Html =>
  html`${sales_over_time.map(
    ({ sku_id, available, reserved, sold, refused }) =>
      html`${plotWithTable(
        {
          title: `Units of ${sku_id} over time`,
          yName: "units",
          lines: [
            { label: "available", values: available },
            { label: "held", values: reserved },
            { label: "sold", values: sold },
          ],
          show: number,
        },
        window.intervals,
      )}${plotWithTable(
        {
          title: `Requests for ${sku_id} that the writer refused`,
          yName: `requests in ${window.interval_seconds} s`,
          lines: [{ label: "refused", values: refused }],
          show: number,
        },
        window.intervals,
      )}`,
  )}`

const revenue = ({ revenue: all }: Report): Html =>
  rowsTable(
    ["currency", "orders", "ordered", "captured", "returned", "kept"],
    all.map(({ currency, orders, ordered_minor, captured_minor, refunded_minor, kept_minor }) => [
      ...[currency, number(orders)],
      ...[ordered_minor, captured_minor, refunded_minor, kept_minor].map((minor) => money(minor, currency)),
    ]),
  )

const moneyPlots = ({ sales_over_time, sales: all, window }: Report): Html =>
  html`${sales_over_time.map(({ sku_id, ordered_minor, captured_minor, refunded_minor }) => {
    const { currency = "EUR" } = all.find((sale) => sale.sku_id === sku_id) ?? {}
    return plotWithTable(
      {
        title: `Money of ${sku_id} since the beginning of the window`,
        yName: `minor units of ${currency}`,
        lines: [
          { label: "ordered", values: ordered_minor },
          { label: "captured", values: captured_minor },
          { label: "returned", values: refunded_minor },
        ],
        show: (minor) => money(minor, currency),
      },
      window.intervals,
    )
  })}`

const endpoints = ({ endpoints: all }: Report): Html =>
  rowsTable(
    ["endpoint", "time of", "requests", "server errors", "share", "worst p95", "worst p99", "middle p95", "worst at"],
    all.map((each) => [
      ...[each.endpoint, each.latency_of ?? "not measured", number(each.requests), number(each.errors)],
      percent(each.requests ? (each.errors ?? 0) / each.requests : null),
      ...[each.worst_p95_ms, each.worst_p99_ms, each.median_p95_ms].map(milliseconds),
      each.worst_at === null ? "" : clock(each.worst_at),
    ]),
    2,
  )

/** Counts of nothing are 0; of the endpoints, the busiest come first. */
const filled = (values: readonly (number | null)[]): number[] => values.map((value) => value ?? 0)

const endpointPlots = ({ endpoints, window }: Report): Html => {
  const all = endpoints.toSorted((a, b) => (b.requests ?? 0) - (a.requests ?? 0))
  const requests = {
    title: "Requests by endpoint",
    yName: `requests in ${window.interval_seconds} s`,
    lines: all.map(({ endpoint, over_time }) => ({ label: endpoint, values: filled(over_time.requests) })),
    show: number,
  }
  const errorsPlot = {
    ...requests,
    title: "Server errors by endpoint",
    yName: `answers in ${window.interval_seconds} s`,
    lines: all
      .filter(({ errors: times }) => (times ?? 0) > 0)
      .map(({ endpoint, over_time }) => ({ label: endpoint, values: filled(over_time.errors) })),
  }
  const latency = all
    .filter(({ over_time }) => over_time.p95_ms.some((value) => value !== null))
    .map(({ endpoint, over_time, latency_of }) => ({
      title: `Latency of ${endpoint}: ${latency_of ?? ""}`,
      yName: "ms",
      lines: [
        { label: "p95", values: over_time.p95_ms },
        { label: "p99", values: over_time.p99_ms },
      ],
      show: milliseconds,
    }))
  return html`${[requests, errorsPlot, ...latency].map((plot) => plotWithTable(plot, window.intervals))}`
}

const peaks = ({ peaks: all, planned_by_stage }: Report): Html =>
  html`<p>Planned: what stage ${planned_by_stage} is declared to carry. Measured: the fullest interval, on average.</p>${rowsTable(
    ["what", "planned/s", "measured/s", "share of the plan", "at"],
    all.map((each) => [
      ...[each.what, number(each.planned_per_second, 1), number(each.measured_per_second, 1), percent(each.share_of_plan)],
      each.at === null ? "" : clock(each.at),
    ]),
  )}`

const queuePlots = ({ queue, window }: Report): Html =>
  html`${plotWithTable(
    {
      title: "Records in the fullest partition",
      yName: "records",
      lines: [{ label: "records", values: queue.over_time.records }],
      show: number,
    },
    window.intervals,
  )}${plotWithTable(
    {
      title: "Wait from acceptance to decision, p95",
      yName: "ms",
      lines: [{ label: "wait p95", values: queue.over_time.wait_p95_ms }],
      show: milliseconds,
    },
    window.intervals,
  )}`

const cachePlot = ({ cache, window }: Report): Html =>
  plotWithTable(
    {
      title: "Reads of the stock that Redis answered",
      yName: "%",
      lines: [
        {
          label: "hits",
          values: cache.over_time.hit_share.map((share) => (share === null ? null : Math.round(share * 1_000) / 10)),
        },
      ],
      show: (value) => `${number(value, 1)} %`,
    },
    window.intervals,
  )

const refusals = ({ refusals: all }: Report): Html =>
  rowsTable(
    ["reason", "by", "tier", "requests"],
    all.map(({ reason, by, tier, requests }) => [reason, by, tier ?? "not known", number(requests)]),
    3,
  )

const flagged = ({ flagged: found }: Report): Html =>
  html`${rowsTable(
    ["what", "how it is known", "number"],
    [
      ["requests of flagged clients", "metrics", number(found.requests)],
      ["accounts that log lines name", "log, a sample", number(found.accounts_seen)],
      ["log lines that were left out", "log", number(found.lines_left_out)],
      ["of these accounts: got a unit or a place on the waitlist", "database", number(found.accounts_accepted)],
      ["of these accounts: paid, so that they may be people", "inference from orders", number(found.accounts_paid)],
      ["units that they paid", "database", number(found.units_paid)],
    ],
    2,
  )}${rowsTable(
    ["signal", "tier of the token", "requests"],
    found.by_signal.map(({ signal, claimed_tier, requests }) => [signal, claimed_tier, number(requests)]),
    2,
  )}`

const errors = ({ errors: all }: Report): Html =>
  rowsTable(
    ["cause", "where", "times"],
    all.map(({ cause, where, times }) => [cause, where, number(times)]),
    2,
  )

const alarms = ({ tripped }: Report): Html =>
  rowsTable(
    ["alarm", "priority", "condition", "from", "for", "message sent", "runbook"],
    tripped.map(({ alarm, priority, condition, from, to, sent, runbook }) => [
      ...[alarm, priority, condition, utc(from), to === null ? "to the end" : span(from, to)],
      ...[sent === null ? "not known" : sent ? "yes" : "no: a cause was in alarm", runbook],
    ]),
    7,
  )

const proof = ({ proof: found }: Report): Html =>
  html`<p>The verification walks the hash chain of every ledger, computes each digest from the decisions again, and checks every invariant. To repeat it: <code>npm run ops -- verify-sale</code>.</p>${rowsTable(
    ["SKU", "ledger entry", "hash of everything up to it"],
    found.heads.map(({ sku_id, ledger_seq, head_hash }) => [sku_id, number(ledger_seq), head_hash]),
    3,
  )}<ul>${found.violations.map((violation) => html`<li>${violation}`)}</ul>`

const cost = ({ cost: modelled }: Report): Html =>
  html`<p>${modelled.basis} Stage ${modelled.stage}, list prices of ${modelled.prices_as_of}.</p>${rowsTable(
    ["component", "basis", "USD"],
    [
      ...modelled.lines.map(({ component, basis, usd }) => [component, basis, number(usd, 2)]),
      ["total", "", number(modelled.total_usd, 2)],
    ],
    2,
  )}`
