import { Argument, type Command, Option } from "commander"
import { type CommandContext, withExamples } from "./command-context.ts"
import { printSku } from "./print.ts"

interface ModeOptions {
  readonly force: boolean
  readonly freeze: boolean
}

/** Adds `mode batch|direct|halted <sku>`. */
export function addModeCommand(program: Command, { ask, asJson }: CommandContext): void {
  withExamples(program.command("mode"), "mode direct sneaker-42", "mode halted sneaker-42 --freeze")
    .description(
      "switch how the requests of a sale are decided: batch (Kafka and the writer), direct (one transaction for each request, for a small sale or during an outage of Kafka) or halted",
    )
    .addArgument(new Argument("<mode>", "the mode").choices(["batch", "direct", "halted"]))
    .argument("<sku>", "the SKU")
    .addOption(
      new Option(
        "--force",
        "switch although requests are still in the queue, or Kafka does not answer: these requests are still decided, but lose their turn",
      ).default(false),
    )
    .addOption(new Option("--freeze", "only with halted: stop the writer of the partition, too").default(false))
    .action(async (mode: "batch" | "direct" | "halted", skuId: string, { force, freeze }: ModeOptions) => {
      if (freeze && mode !== "halted")
        throw new Error("--freeze is only possible with halted: the modes batch and direct need the writer")
      const asked = { sku_id: skuId }
      const sku =
        mode === "halted"
          ? await ask()({ command: "sale-halt", ...asked, freeze })
          : await ask()({ command: "mode", ...asked, mode, force })
      printSku(sku, asJson())
    })
}
