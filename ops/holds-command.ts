import type { Command } from "commander"
import type { Ask } from "./client.ts"
import { integer } from "./sale-commands.ts"

/** Adds `holds extend`. */
export function addHoldsCommand(program: Command, ask: () => Ask, asJson: () => boolean): void {
  const holds = program.command("holds").description("holds of shoppers")

  holds
    .command("extend <sku>")
    .description("give the holds that have not run out more time; after a restart of the database that happens by itself")
    .requiredOption("--seconds <n>", "how much, 1 to 3600", integer)
    .action(async (skuId: string, { seconds }: { seconds: number }) => {
      const extended = await ask()({ command: "holds-extend", sku_id: skuId, seconds })
      console.log(asJson() ? JSON.stringify(extended) : `${extended.holds_extended} holds of ${skuId} end ${seconds} s later`)
    })
}
