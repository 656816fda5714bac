import { Argument, type Command } from "commander"
import type { BatchSizeReport, LimitsReport } from "../core/contracts/operations/settings.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { textTable } from "./text-table.ts"

type LimitsAction = "show" | "tighten" | "normal"

/** Adds `limits` and `batch-size`. */
export function addSettingsCommands(program: Command, { ask, asJson }: CommandContext): void {
  const limits = program
    .command("limits")
    .description(
      "show or change the limits of admission of the whole stage. Tight limits let each user send a fifth of the requests; they stay until `normal`, also after a restart, and need neither Redis nor a deployment",
    )
    .addArgument(new Argument("[action]", "what to do").choices(["show", "tighten", "normal"]).default("show"))
    .action(async (action: LimitsAction) => {
      const report =
        action === "show"
          ? await ask()({ command: "limits" })
          : await ask()({ command: "limits-set", limits: action === "tighten" ? "tight" : "normal" })
      console.log(asJson() ? JSON.stringify(report) : limitsText(report))
    })
  withExamples(limits, "limits", "limits tighten", "limits normal")

  const batchSize = program
    .command("batch-size")
    .description("show or change how many records the writer decides in one transaction; the writer needs no restart")
    .argument("[records]", "show, default, or a number of records", "show")
    .action(async (asked: string) => {
      const report =
        asked === "show"
          ? await ask()({ command: "batch-size" })
          : await ask()({ command: "batch-size-set", records: recordsOf(asked) })
      console.log(asJson() ? JSON.stringify(report) : batchSizeText(report))
    })
  withExamples(batchSize, "batch-size", "batch-size 100", "batch-size default")
}

/** @throws Error for what is no number; the function answers a number out of bounds */
function recordsOf(asked: string): number | null {
  if (asked === "default") return null
  if (!/^\d+$/.test(asked)) throw new Error(`"${asked}" is not a number of records. Give a number, or: show, default.`)
  return Number(asked)
}

function limitsText({ limits, by_operator, by_itself, requests_per_minute, in_effect_within_seconds }: LimitsReport): string {
  const chosen = (who: string, choice: LimitsReport["by_operator"]) =>
    choice === null ? [who, "never set", "", ""] : [who, choice.limits, choice.by, choice.at]
  const tiers = Object.entries(requests_per_minute).map(([tier, requests]) => `tier ${tier}: ${requests}`)
  return [
    `the limits are ${limits}; requests a minute of a user: ${tiers.join(", ")}`,
    textTable([["chosen by", "limits", "who", "when"], chosen("operator", by_operator), chosen("system", by_itself)], 4),
    `every function works with a change within ${in_effect_within_seconds} s`,
  ].join("\n")
}

function batchSizeText({ records, is_default, records_under_backlog, least, most, changed }: BatchSizeReport): string {
  const chosen = is_default ? "by default" : "as chosen"
  return [
    `the writer decides ${records} records in a transaction (${chosen}), under a backlog ${records_under_backlog}`,
    `possible are ${least} to ${most} records`,
    changed === null ? "never changed" : `last changed by ${changed.by} at ${changed.at}`,
  ].join("\n")
}
