import type { AdminSku, AdminSkuList, SkuStats, Verification } from "../core/contracts/http/admin.ts"
import type { Lag } from "../core/contracts/operations/verification.ts"

/** Prints a SKU as a two-column table, or as JSON. */
export function printSku(sku: AdminSku, json: boolean): void {
  const lines = Object.entries(sku).map(([name, value]) => `${name.padEnd(16)}${value ?? "-"}`)
  console.log(json ? JSON.stringify(sku) : lines.join("\n"))
}

const skuColumns = ["sku_id", "status", "mode", "total_stock", "available", "reserved", "sold", "waitlisted"] as const

/** Prints SKUs as a table, one row for each, and how to read the next page; or as JSON. */
export function printSkus({ items, next }: AdminSkuList, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ items, next }))
    return
  }
  const rows = [skuColumns, ...items.map((sku) => skuColumns.map((column) => String(sku[column])))]
  const widths = skuColumns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
  if (next !== null) console.log(`there are more SKUs: use --all, or --cursor ${next}`)
}

/** Prints the counters of a sale, with the reasons of refusals, as a two-column table, or as JSON. */
export function printStats(stats: SkuStats, json: boolean): void {
  const { decisions, ...counters } = stats
  const { refused, ...accepted } = decisions
  const rows = [counters, prefixed("decided ", accepted), prefixed("refused ", refused)].flatMap(Object.entries)
  console.log(json ? JSON.stringify(stats) : rows.map(([name, value]) => `${name.padEnd(28)}${value ?? "not known"}`).join("\n"))
}

const prefixed = (prefix: string, counters: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counters).map(([name, value]) => [prefix + name, value]))

/** Prints each invariant and its violations, or JSON. */
export function printInvariants(verification: Verification, json: boolean): void {
  const lines = verification.checks.flatMap(({ name, ok, violations }) => [
    `${name.padEnd(28)}${ok ? "holds" : "BROKEN"}`,
    ...violations.map((violation) => `  ${violation}`),
  ])
  console.log(json ? JSON.stringify(verification) : lines.join("\n"))
}

const lagHeaders = ["partition", "watermark", "end offset", "lag"] as const
const lagWidth = 12

/** Prints the lag of each partition and the oldest unpublished entry of the ledger, or JSON. */
export function printLag(lag: Lag, json: boolean): void {
  const row = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padStart(lagWidth)).join("")
  const { unpublished } = lag
  const lines = [
    row(lagHeaders),
    ...lag.partitions.map(({ partition, watermark, end_offset, lag: behind }) =>
      row([partition, watermark ?? "NONE", end_offset, behind]),
    ),
    unpublished === null
      ? "every ledger entry is published"
      : `oldest unpublished ledger entry: ${unpublished.sku_id} seq ${unpublished.seq} (${unpublished.kind}), ${(unpublished.age_ms / 1_000).toFixed(1)} s old`,
  ]
  console.log(json ? JSON.stringify(lag) : lines.join("\n"))
}
