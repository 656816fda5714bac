import type { HoldCohortResult, HoldSaleResult } from "./hold-result.ts"
import { mostly, textTable } from "./text-table.ts"

const columns: readonly (readonly [name: string, cell: (result: HoldCohortResult) => string])[] = [
  ["cohort", ({ name }) => name],
  ["who", ({ hostile }) => (hostile ? "hostile" : "people")],
  ["accounts", ({ accounts }) => accounts.toLocaleString("en")],
  ["requests", ({ requests }) => requests.toLocaleString("en")],
  ["served", ({ served }) => served.toLocaleString("en")],
  ["paid", ({ paid }) => paid.toLocaleString("en")],
  ["unpaid holds", ({ unpaid_holds }) => unpaid_holds.toLocaleString("en")],
  ["most of one", ({ most_unpaid_holds }) => most_unpaid_holds.toLocaleString("en")],
  ["unit-time", ({ unit_time_share }) => percent(unit_time_share)],
  ["answers", ({ answers }) => mostly(answers)],
]
const leftAligned: ReadonlySet<number> = new Set([0, 1, 2, columns.length])

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** The table of the sales with short holds: a row for each cohort at each limit. */
export function holdSalesText(sales: readonly HoldSaleResult[]): string {
  const rows = sales.flatMap(({ max_unpaid_holds, cohorts, unused_share }) => {
    const limit = max_unpaid_holds.toLocaleString("en")
    const nobody = ["(nobody)", ...columns.slice(1).map(([name]) => (name === "unit-time" ? percent(unused_share) : ""))]
    return [...cohorts.map((result) => columns.map(([, cell]) => cell(result))), nobody].map((row) => [limit, ...row])
  })
  const [terms] = sales
  return [
    `sales with short holds, in no number above: ${terms?.stock} units each, holds of ${terms?.hold_seconds} s`,
    textTable([["limit", ...columns.map(([name]) => name)], ...rows], leftAligned),
  ].join("\n")
}
