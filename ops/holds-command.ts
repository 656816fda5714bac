import type { Command } from "commander"
import { type CommandContext, withExamples } from "./command-context.ts"
import { announcedKey, type KeyOption, withKey } from "./command-key.ts"
import { integer } from "./sale-commands.ts"

/** Adds `holds extend`. */
export function addHoldsCommand(program: Command, { ask, asJson }: CommandContext): void {
  const holds = program.command("holds").description("change the holds of shoppers")

  withExamples(withKey(holds.command("extend <sku>")), "holds extend sneaker-42 --seconds 300")
    .description("extend the holds that have not expired; after an outage of the database this happens automatically")
    .requiredOption("--seconds <n>", "seconds to add, 1 to 3600", integer)
    .action(async (skuId: string, { seconds, ...given }: { seconds: number } & KeyOption) => {
      const asked = { command: "holds-extend", sku_id: skuId, seconds, idempotency_key: announcedKey(given) } as const
      const extended = await ask()(asked)
      console.log(asJson() ? JSON.stringify(extended) : `${extended.holds_extended} holds of ${skuId} end ${seconds} s later`)
    })
}
