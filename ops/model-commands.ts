import type { Command } from "commander"
import { stageNamed, stages } from "../lib/stages.ts"
import { type CapacityOptions, printCapacity } from "./capacity.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { printCost } from "./cost.ts"
import { quotasOf, quotaTable } from "./quotas.ts"
import { integer } from "./sale-commands.ts"

/** Adds `cost`, `quotas` and `capacity`. They only compute: nothing has to be deployed or running. */
export function addModelCommands(program: Command, { options, asJson }: CommandContext): void {
  const computedStage = () => options().stage ?? "prod"

  withExamples(program.command("cost"), "cost", "--stage load cost")
    .description(
      "compute the cost of a sale in --stage (default: prod) by component, in a spike and sustained, from the stage's config and the dated table of prices",
    )
    .action(() => printCost(computedStage(), asJson()))

  withExamples(program.command("quotas"), "quotas", "--stage prod quotas --json")
    .description(
      "compute what --stage (default: every stage) needs of the quotas of its AWS account, with the code of each; preflight --before-deploy compares them with the account",
    )
    .action(() => {
      const { stage } = options()
      const chosen = stage === undefined ? Object.values(stages) : [stageNamed(stage)]
      const answer = () => Object.fromEntries(chosen.map((each) => [each.name, quotasOf(each)]))
      console.log(asJson() ? JSON.stringify(answer()) : quotaTable(chosen))
    })

  withExamples(program.command("capacity"), "capacity", "capacity --reservations-per-second 20000")
    .description(
      "compute the headroom of each part of --stage (default: prod), the bottleneck, and the predicted wait in the queue; the exit code is 1 when a guardrail forbids these rates",
    )
    .option("--reservations-per-second <n>", "use this rate instead of the declared peak", integer)
    .option("--reads-per-second <n>", "use this rate instead of the declared peak", integer)
    .action((rates: Omit<CapacityOptions, "stage">) => {
      if (!printCapacity({ ...rates, stage: computedStage() }, asJson())) process.exitCode = failed
    })
}
