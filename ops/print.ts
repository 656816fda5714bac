import type { AdminSku } from "../core/contracts/http/admin.ts"
import type { SaleVerification } from "../core/contracts/ops.ts"

/** Prints a SKU as a two-column table, or as JSON. */
export function printSku(sku: AdminSku, json: boolean): void {
  const lines = Object.entries(sku).map(([name, value]) => `${name.padEnd(16)}${value ?? "-"}`)
  console.log(json ? JSON.stringify(sku) : lines.join("\n"))
}

/** Prints what a verification found, violations last, or as JSON. */
export function printVerification(verification: SaleVerification, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(verification))
    return
  }
  console.log(`ledger entries  ${verification.entries}`)
  console.log(`decisions       ${verification.decisions}`)
  for (const [skuNo, share] of Object.entries(verification.fullestBySku)) {
    console.log(`SKU ${skuNo.padEnd(12)}at its fullest ${(share * 100).toFixed(2)} % of its stock was held or sold`)
  }
  for (const violation of verification.violations) console.log(`VIOLATION       ${violation}`)
  console.log(verification.ok ? "verified: nothing was oversold at any point, every invariant holds" : "NOT VERIFIED")
}
