import { type Command, Option } from "commander"
import type { SetAsideList } from "../core/contracts/operations/payments.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"

/** Adds `payments` and `payments retry`. */
export function addPaymentsCommand(program: Command, { ask, asJson }: CommandContext): void {
  const payments = program
    .command("payments")
    .description(
      "list captures, returns and refunds that failed and are tried again: since when, and what the last try failed with",
    )
    .addOption(new Option("--limit <n>", "the oldest, so many").argParser(integer).default(50))
    .action(async ({ limit }: { limit: number }) => {
      const list = await ask()({ command: "payments", limit })
      console.log(asJson() ? JSON.stringify(list) : listText(list))
    })
  withExamples(payments, "payments", "payments retry")

  const retry = payments
    .command("retry")
    .description("let every one of them be tried at once; by themselves they wait for up to five minutes")
    .action(async () => {
      const answered = await ask()({ command: "payments-retry" })
      console.log(asJson() ? JSON.stringify(answered) : `${answered.due_now} are tried now`)
    })
  withExamples(retry, "payments retry")
}

function listText({ items, in_all }: SetAsideList): string {
  if (items.length === 0) return "no payment and no refund is failing"
  const rows = items.map((item) => [
    ...[item.work, item.id, item.order_id ?? "-", item.tries, item.since, item.next_at, item.last_error ?? "-"],
  ])
  const left = in_all > items.length ? `\n${in_all - items.length} more: --limit ${in_all}` : ""
  return `${textTable([["work", "id", "order", "tries", "since", "next try", "last error"], ...rows], 7)}${left}`
}
