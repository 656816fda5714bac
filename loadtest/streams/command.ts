import { join } from "node:path"
import { Command, Option } from "commander"
import { type GroupName, groupNames } from "../../core/contracts/consumer-groups.ts"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { integerBetween } from "../../local/supervisor/options.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { invariantsHold } from "../path/command.ts"
import { flowSummary, produceAndWatch } from "./produce.ts"

interface Options {
  readonly orders: number
  readonly slow?: GroupName
  readonly delay: number
}

/** `bench produce`: sends orders into the queue and watches them through the whole system. */
export const produceCommand = (): Command =>
  new Command("produce")
    .description(
      "Starts its own system, sends orders into the queue of a new sale, and shows them on their way, one line a second: decided, published, and the lag of each consumer group, until nothing waits.",
    )
    .option("--orders <n>", "orders to send", integerBetween(1, 1_000_000), 10_000)
    .addOption(
      new Option("--slow <group>", "slow the consumer of this group down, to see its lag grow and drain").choices(groupNames()),
    )
    .option("--delay <ms>", "how long the slowed consumer waits before each delivery", integerBetween(1, 10_000), 1_000)
    .action(async ({ orders, slow, delay: delayMs }: Options) => {
      const folder = new StateFolder(join(defaultStateDir, "bench-produce"))
      const httpPort = await pickPort(new Set())
      process.exitCode = await withSystem(folder, { httpPort, reset: true }, async (system) => {
        const { environment } = system
        const moments = await produceAndWatch(
          { folder, environment, say: (line) => console.log(line) },
          { orders, delayMs, ...(slow !== undefined && { slow }) },
        )
        console.log(flowSummary(moments))
        return (await invariantsHold(system)) ? 0 : 1
      })
    })
