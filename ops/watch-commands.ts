import { type Command, Option } from "commander"
import { type CommandContext, withExamples } from "./command-context.ts"
import { printStats } from "./print.ts"
import { integer } from "./sale-commands.ts"
import { watch } from "./watch.ts"

/** Adds `stats` and `watch`: the counters of a sale. */
export function addWatchCommands(program: Command, { ask, asJson }: CommandContext): void {
  withExamples(program.command("stats <sku>"), "stats sneaker-42")
    .description("show the counters of a sale")
    .action(async (skuId: string) => printStats(await ask()({ command: "stats", sku_id: skuId }), asJson()))

  withExamples(program.command("watch <sku>"), "watch sneaker-42", "watch sneaker-42 --interval 500 --rounds 20")
    .description("show the counters of a sale again and again, one line for each interval")
    .addOption(new Option("--interval <ms>", "milliseconds between two lines").argParser(integer).default(1_000))
    .addOption(new Option("--rounds <n>", "number of lines").argParser(integer).default(Number.POSITIVE_INFINITY, "without end"))
    .action((skuId: string, { interval, rounds }: { interval: number; rounds: number }) =>
      watch(ask(), skuId, { intervalMs: interval, rounds, json: asJson() }),
    )
}
