import type { StageConfig } from "../lib/config.ts"
import { type AccountNeed, numberToRequest, quotaNameOf } from "../lib/quotas/account-need.ts"
import { accountNeeds } from "../lib/quotas/account-needs.ts"

const number = (value: number) => value.toLocaleString("en-US")

/** What stages need of their accounts, as a table of markdown. A number in bold is above the default: it has to be requested. */
export function quotaTable(stages: readonly StageConfig[]): string {
  const needsOf = new Map(stages.map((stage) => [stage.name, accountNeeds(stage)]))
  const first = new Map<string, AccountNeed>()
  for (const needs of needsOf.values()) for (const need of needs) first.set(need.item, first.get(need.item) ?? need)
  const cell = (needs: readonly AccountNeed[], item: string): string => {
    const need = needs.find((each) => each.item === item)
    if (need === undefined) return "-"
    return need.needed > need.byDefault ? `**${number(need.needed)}**` : number(need.needed)
  }
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
  const names = stages.map(({ name }) => `\`${name}\``)
  return [
    row(["quota", "Service Quotas", "by default", ...names]),
    row(["---", "---", "---", ...names.map(() => "---")]),
    ...[...first.values()].map((need) =>
      row([
        need.item,
        quotaNameOf(need),
        number(need.byDefault),
        ...[...needsOf.values()].map((needs) => cell(needs, need.item)),
      ]),
    ),
  ].join("\n")
}

/** What a stage needs of its account, as data: each with the number to ask for. */
export const quotasOf = (stage: StageConfig) =>
  accountNeeds(stage).map((need) => ({ ...need, request: need.needed > need.byDefault ? numberToRequest(need) : null }))
