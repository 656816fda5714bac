import type { SaleVerification } from "../core/contracts/operations/verification.ts"

export interface VerificationFormat {
  readonly json: boolean
  /** Print a line for each SKU, also for idle ones. */
  readonly all: boolean
}

/** Prints the result of a verification: a summary, the SKUs that are not idle, and the violations last. Or all of it as JSON. */
export function printVerification(verification: SaleVerification, { json, all }: VerificationFormat): void {
  console.log(json ? JSON.stringify(verification) : linesOf(verification, all).join("\n"))
}

interface SkuLine {
  readonly skuNo: string
  /** Largest share of the stock that was held or sold at one time. */
  readonly share: number
}

function linesOf(verification: SaleVerification, all: boolean): string[] {
  const skus = Object.entries(verification.fullestBySku).map(([skuNo, share]): SkuLine => ({ skuNo, share }))
  const named = namedIn(verification.violations)
  const isNotable = ({ skuNo, share }: SkuLine) => share > 0 || named.has(skuNo)
  const shown = all ? skus : skus.filter(isNotable)
  return [
    `ledger entries  ${verification.entries}`,
    `decisions       ${verification.decisions}`,
    `SKUs            ${skus.length}, idle: ${skus.filter(({ share }) => share === 0).length}${shown.length < skus.length ? " (--all lists each)" : ""}`,
    `fullest         ${fullestOf(skus)}`,
    ...shown.map(({ skuNo, share }) => `SKU ${skuNo.padEnd(12)}at its fullest ${percent(share)} of its stock was held or sold`),
    ...verification.violations.map((violation) => `VIOLATION       ${violation}`),
    verification.ok ? "verified: nothing was oversold at any point, every invariant holds" : "NOT VERIFIED",
  ]
}

/** Numbers of the SKUs that a violation names. */
const namedIn = (violations: readonly string[]): ReadonlySet<string> =>
  new Set(violations.flatMap((violation) => [...violation.matchAll(/\bSKU (\d+)\b/g)].flatMap(([, skuNo]) => skuNo ?? [])))

function fullestOf(skus: readonly SkuLine[]): string {
  const most = skus.reduce((fullest, sku) => (sku.share > fullest.share ? sku : fullest), { skuNo: "", share: 0 })
  return most.share === 0 ? "no unit was ever held or sold" : `SKU ${most.skuNo}, ${percent(most.share)} of its stock`
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
