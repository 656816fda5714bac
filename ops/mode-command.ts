import { Argument, type Command, Option } from "commander"
import type { Ask } from "./client.ts"
import { printSku } from "./print.ts"

interface ModeOptions {
  readonly force: boolean
  readonly freeze: boolean
}

/** Adds `mode batch|direct|halted <sku>`. */
export function addModeCommand(program: Command, ask: () => Ask, asJson: () => boolean): void {
  program
    .command("mode")
    .description(
      "switch how a sale's requests are decided: batch (Kafka and the writer), direct (a transaction each, for a small sale or while Kafka is away) or halted",
    )
    .addArgument(new Argument("<mode>", "the mode").choices(["batch", "direct", "halted"]))
    .argument("<sku>", "the SKU")
    .addOption(
      new Option(
        "--force",
        "switch though requests still stand in line, or Kafka does not answer: they keep their decision, not their turn",
      ).default(false),
    )
    .addOption(new Option("--freeze", "with halted: stop the writer of the partition, too").default(false))
    .action(async (mode: "batch" | "direct" | "halted", skuId: string, { force, freeze }: ModeOptions) => {
      if (freeze && mode !== "halted") throw new Error("--freeze goes with halted: a mode that runs needs its writer")
      const asked = { sku_id: skuId }
      const sku =
        mode === "halted"
          ? await ask()({ command: "sale-halt", ...asked, freeze })
          : await ask()({ command: "mode", ...asked, mode, force })
      printSku(sku, asJson())
    })
}
