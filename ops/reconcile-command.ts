import type { Command } from "commander"
import { type Difference, maxListedIds, type Reconciliation, sources } from "../core/contracts/operations/reconcile.ts"
import type { Ask } from "./client.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"

interface ReconcileOptions {
  readonly apply: boolean
  readonly limit: number
  readonly hours: number
}

/** Reconciliations of one call with --apply: each lists what is left of long lists. */
const maxRounds = 20

/** Ids that one command mends. The next one takes the rest, so that other commands of operators have their turn in between. */
const mendedAtOnce = 50

/** What --apply does, in words. */
const mendTexts: Readonly<Record<string, string>> = {
  expire: "ends these holds; their units go back to stock",
  reload: "removes the sale from Redis and writes it again from PostgreSQL",
  settle: "marks these orders as paid",
  capture: "captures these payments",
  void: "cancels these authorisations",
  "give-back": "cancels these payments, or refunds them",
  refund: "records these refunds as they are at the provider",
}

/** Adds `reconcile [sku...]`. */
export function addReconcileCommand(program: Command, { ask, asJson }: CommandContext): void {
  const command = program
    .command("reconcile [skus...]")
    .description(
      "show what Kafka, the ledger, the tables, Redis, the orders and the payment provider say of a sale, side by side, and where they differ; without a SKU, of all sales whose ledger grew lately. The exit code is 0 only if nothing differs",
    )
    .option("--apply", "mend what can be mended without harm, after saying what is done", false)
    .option("--limit <ids>", "ids to list of each difference", integer, 20)
    .option("--hours <hours>", "how far back payments and refunds are compared", integer, 24)
    .action(async (skus: string[], { apply, limit, hours }: ReconcileOptions) => {
      const asked = { command: "reconcile", hours, ...(skus.length > 0 && { sku_ids: skus }) } as const
      let report = await ask()({ ...asked, limit: apply ? maxListedIds : limit })
      if (apply) report = await mendAll(ask(), report, () => ask()({ ...asked, limit: maxListedIds }))
      console.log(asJson() ? JSON.stringify(report) : reportText(report, limit))
      if (report.differences.length > 0 || report.away.length > 0) process.exitCode = failed
    })
  withExamples(command, "reconcile", "reconcile sneaker-42", "reconcile sneaker-42 --apply")
}

/** Mends round by round, until nothing is left that can be mended or a round mends nothing. @returns the last reconciliation */
async function mendAll(ask: Ask, first: Reconciliation, again: () => Promise<Reconciliation>): Promise<Reconciliation> {
  let report = first
  for (let round = 1; round <= maxRounds; round += 1) {
    let mended = 0
    for (const { kind, sku_id, ids, mend } of report.differences) {
      if (mend === null) continue
      progress(`${sku_id}: ${kind}: ${mendTexts[mend] ?? mend}: ${ids.length}`)
      for (let from = 0; from < ids.length; from += mendedAtOnce) {
        const result = await ask({ command: "reconcile-mend", kind, sku_id, ids: ids.slice(from, from + mendedAtOnce) })
        mended += result.mended
        for (const { id, reason } of result.failed) progress(`  ${id}: ${reason}`)
      }
    }
    if (mended === 0) return report
    report = await again()
  }
  return report
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`)

function reportText({ sales, differences, away, payments_of_others: others }: Reconciliation, limit: number): string {
  const tables = sales.map(({ sku_id, figures }) => {
    const rows = figures.map(({ what, ...cells }) => [what, ...sources.map((source) => cells[source] ?? "-")])
    return textTable([[sku_id, ...sources], ...rows])
  })
  const counted =
    differences.length === 0 ? ["nothing differs"] : differences.map((difference) => differenceText(difference, limit))
  return [
    ...(sales.length === 0 ? ["no sale has changed in this time; name a SKU to see one that is older"] : tables),
    counted.join("\n"),
    ...(away.length > 0 ? [`away, not compared: ${away.join(", ")}`] : []),
    ...(others ? [`${others} payments at the provider are not of this system; no command touches them`] : []),
  ].join("\n\n")
}

function differenceText({ kind, sku_id, detail, count, ids, mend, heading }: Difference, limit: number): string {
  const listed = ids.slice(0, limit)
  const more = count > listed.length ? [`  and ${count - listed.length} more`] : []
  const advice = mend === null ? `no command mends this; see the runbook: ${heading}` : `--apply ${mendTexts[mend] ?? mend}`
  return [`${sku_id}: ${kind} (${count}): ${detail}`, ...listed.map((id) => `  ${id}`), ...more, `  ${advice}`].join("\n")
}
