import { type Command, Option } from "commander"
import type { NoticeList } from "../core/contracts/operations/notices.ts"
import { type NoticeState, noticeStates } from "../core/domain/notices/notice.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"

interface NoticesOptions {
  readonly reservation?: string
  readonly state?: NoticeState
  readonly limit: number
}

/** Adds `notices`. */
export function addNoticesCommand(program: Command, { ask, asJson }: CommandContext): void {
  withExamples(program.command("notices"), "notices", "notices --state FAILED --limit 200")
    .description(
      "list what was written to shoppers, the last change first: when, about what, and what became of it; no addresses",
    )
    .option("--reservation <id>", "only notices about this reservation")
    .addOption(new Option("--state <state>", "only notices in this state").choices(noticeStates))
    .addOption(new Option("--limit <n>", "notices at most, up to 200").argParser(integer).default(50))
    .action(async ({ reservation, state, limit }: NoticesOptions) => {
      const list = await ask()({ command: "notices", reservation_id: reservation, state, limit })
      console.log(asJson() ? JSON.stringify(list) : linesOf(list).join("\n"))
    })
}

const headers = ["changed", "state", "kind", "event", "reservation", "reason"]

function linesOf({ items }: NoticeList): string[] {
  if (items.length === 0) return ["there are no such notices"]
  const rows = items.map((notice) => [
    notice.changed_at,
    notice.state,
    notice.kind,
    // The generation is shown where it says something: notices were sent again.
    notice.generation === 1 ? notice.event_id : `${notice.event_id} (sent again, ${notice.generation})`,
    notice.reservation_id,
    notice.reason ?? "",
  ])
  const widths = headers.map((header, column) => Math.max(header.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [headers, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  )
}
