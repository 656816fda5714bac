import { clock, milliseconds, money, number, percent, span } from "./format.ts"
import type { Answer, Report } from "./schema.ts"

/** A report without its answers, and what they need besides. */
export interface Answerable extends Omit<Report, "answers"> {
  readonly bottleneck: { readonly text: string; readonly at: string } | undefined
}

/** The questions after a sale, each with its numbers. An answer that nothing measured says so. */
export const answersOf = (report: Answerable): Answer[] => [
  peak(report),
  bottleneck(report),
  soldOut(report),
  inVain(report),
  fairness(report),
  falsePositives(report),
  latencies(report),
  cache(report),
  queue(report),
  moneyAnswer(report),
  oversell(report),
  cost(report),
  nextTime(report),
]

const known = (known_by: Answer["known_by"], question: string, answer: string): Answer => ({ question, answer, known_by })
const list = (parts: readonly string[], none: string): string => (parts.length === 0 ? none : `${parts.join("; ")}.`)
const ofAll = (part: number, all: number): string => percent(all === 0 ? null : part / all)

function peak({ peaks }: Answerable): Answer {
  const parts = peaks.flatMap(({ what, planned_per_second, measured_per_second, at, share_of_plan }) =>
    measured_per_second === null
      ? []
      : [
          `${what}: ${number(measured_per_second, 1)}/s at ${clock(at)}, planned ${number(planned_per_second)}/s (${percent(share_of_plan)})`,
        ],
  )
  const none = "No requests were measured in this window."
  return known(parts.length > 0 ? "metrics" : "not measured", "How high was the peak, and what was planned?", list(parts, none))
}

function bottleneck({ bottleneck: first }: Answerable): Answer {
  const question = "What was full first?"
  if (first === undefined) return known("metrics", question, "Nothing: no measured part was above its level.")
  return known("inference", question, `First above its level, at ${clock(first.at)}: ${first.text}.`)
}

function soldOut({ sales }: Answerable): Answer {
  const parts = sales.map(({ sku_id, sold_out_at, opened_at, total, sold, reserved }) =>
    sold_out_at === null
      ? `${sku_id}: not sold out, ${number(sold)} sold and ${number(reserved)} held of ${number(total)}`
      : `${sku_id}: at ${clock(sold_out_at)}${opened_at === null ? "" : `, ${span(opened_at, sold_out_at)} after the opening`}`,
  )
  return known("ledger", "When was it sold out?", list(parts, "The window has no sale."))
}

function inVain({ refusals, sales, endpoints }: Answerable): Answer {
  const byReason = new Map<string, number>()
  for (const { reason, requests } of refusals) byReason.set(reason, (byReason.get(reason) ?? 0) + requests)
  const reasons = [...byReason].sort((a, b) => b[1] - a[1]).map(([reason, requests]) => `${reason} ${number(requests)}`)
  const refused = refusals.reduce((sum, { requests }) => sum + requests, 0)
  const asked = endpoints.filter(({ endpoint }) => endpoint === "reserve" || endpoint === "reserve-batch")
  const requests = asked.reduce((sum, each) => sum + (each.requests ?? 0), 0)
  const waiting = sales.reduce((sum, { waitlisted }) => sum + waitlisted, 0)
  const ended = sales.reduce((sum, { accounts }) => sum + accounts, 0)
  return known(
    "metrics",
    "How many came in vain, and why?",
    `${number(refused)} requests were refused${requests > 0 ? ` (${ofAll(refused, requests)} of ${number(requests)} reservation requests)` : ""}${reasons.length > 0 ? `: ${reasons.join(", ")}` : ""}. ${number(ended)} accounts hold or own units or wait for some; ${number(waiting)} requests are still on a waitlist. A shopper who asks again counts again.`,
  )
}

function fairness({ refusals }: Answerable): Answer {
  const limited = refusals.filter(({ by, reason }) => by === "admission" && reason === "rate-limited")
  const tiers = limited.map(({ tier, requests }) => `tier ${tier ?? "unknown"} ${number(requests)}`)
  return known(
    limited.length > 0 ? "metrics" : "not measured",
    "Was it fair: which tiers were limited, and who won?",
    `Requests that the rate limiter refused: ${tiers.length > 0 ? tiers.join(", ") : "none were measured"}. The tier of a winner is not stored, so that the share of winners by tier is not measured. The order within the queue is proved: the check \`fifo\` is a part of the proof below.`,
  )
}

function falsePositives({ flagged }: Answerable): Answer {
  const question = "Which flagged clients look like people?"
  const { requests, accounts_seen, accounts_accepted, accounts_paid } = flagged
  const counted =
    requests === null ? "No request of a flagged client was measured" : `${number(requests)} requests of flagged clients`
  if (accounts_seen === null) {
    return known("not measured", question, `${counted}; the log, which names their accounts, was not read.`)
  }
  return known(
    "inference",
    question,
    `${counted}. The log names ${number(accounts_seen)} of their accounts (a sample). Of these, ${number(accounts_accepted)} got a unit or a place on the waitlist, and ${number(accounts_paid)} paid: these may be people that the scoring flagged wrongly, or scripts that buy. Whether they finished 3-D Secure is not stored.`,
  )
}

function latencies({ endpoints }: Answerable): Answer {
  const parts = endpoints.flatMap(({ endpoint, worst_p95_ms, median_p95_ms, worst_at }) =>
    worst_p95_ms === null
      ? []
      : [`${endpoint} ${milliseconds(worst_p95_ms)} at ${clock(worst_at)} (middle interval ${milliseconds(median_p95_ms)})`],
  )
  return known(
    parts.length > 0 ? "metrics" : "not measured",
    "What was the slowest p95 of each endpoint?",
    list(parts, "No latency was measured in this window."),
  )
}

function cache({ cache: { hits, misses, hit_share } }: Answerable): Answer {
  return known(
    hit_share === null ? "not measured" : "metrics",
    "Did the cache answer the reads?",
    hit_share === null
      ? "No read of the stock reached the functions in this window."
      : `${percent(hit_share)} of ${number((hits ?? 0) + (misses ?? 0))} reads behind the edge were answered by Redis.`,
  )
}

function queue({ queue: { deepest_records, deepest_at, longest_wait_ms, longest_wait_at } }: Answerable): Answer {
  return known(
    deepest_records === null && longest_wait_ms === null ? "not measured" : "metrics",
    "How deep was the queue, and how long did a request wait?",
    `${deepest_records === null ? "The depth was not measured" : `At most ${number(deepest_records)} records, at ${clock(deepest_at)}`}; the longest wait from acceptance to decision was ${milliseconds(longest_wait_ms)}${longest_wait_at === null ? "" : `, at ${clock(longest_wait_at)}`}.`,
  )
}

function moneyAnswer({ revenue }: Answerable): Answer {
  const parts = revenue.map(
    ({ currency, orders, captured_minor, refunded_minor, kept_minor }) =>
      `${number(orders)} orders, ${money(captured_minor, currency)} captured, ${money(refunded_minor, currency)} returned, ${money(kept_minor, currency)} kept`,
  )
  return known("ledger", "What was earned, and what went back?", list(parts, "The window has no sale."))
}

function oversell({ proof }: Answerable): Answer {
  const verdict = proof.ok ? "the proof holds" : `THE PROOF FAILS with ${number(proof.violations.length)} violations`
  return known(
    "ledger",
    "Was anything oversold?",
    `${proof.oversold === 0 ? "No" : `YES: ${number(proof.oversold)} units`}; ${verdict}, over ${number(proof.entries)} ledger entries and ${number(proof.decisions)} decisions.`,
  )
}

const cost = ({ cost: { total_usd, stage } }: Answerable): Answer =>
  known("model", "What did it cost?", `${number(total_usd, 2)} USD by the model, with the sizes of stage ${stage}.`)

/** Each advice follows from one number of the report. */
function nextTime(report: Answerable): Answer {
  const { peaks, tripped, flagged, cache: reads, endpoints, proof } = report
  const errors = endpoints.reduce((sum, each) => sum + (each.errors ?? 0), 0)
  const above = peaks.filter(({ share_of_plan }) => (share_of_plan ?? 0) > 1).map(({ what }) => what)
  const advice = [
    ...(proof.ok && proof.oversold === 0 ? [] : ["keep the sale halted until `verify-sale` passes"]),
    ...(above.length > 0
      ? [`declare higher peaks in the stage's config, and let \`ops capacity\` check them: ${above.join(", ")}`]
      : []),
    ...(report.bottleneck ? [`begin with what was full first: ${report.bottleneck.text}`] : []),
    ...((reads.hit_share ?? 1) < 0.95 ? ["find why Redis answered fewer than 95 % of the reads"] : []),
    ...((flagged.accounts_paid ?? 0) > 0 ? ["look at the signals of the flagged accounts that paid (docs/FAIRNESS.md)"] : []),
    ...(errors > 0 ? [`explain the ${number(errors)} answers with a server error`] : []),
    ...(tripped.length > 0 ? [`go through the ${number(tripped.length)} alarms, and correct those that were of no use`] : []),
  ]
  return known("inference", "What should change next time?", list(advice, "Nothing in these numbers asks for a change."))
}
