import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command, Option } from "commander"
import { type GroupName, groupNames } from "../../core/contracts/consumer-groups.ts"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir, StateFolder } from "../../local/services/state-folder.ts"
import { integerBetween } from "../../local/supervisor/options.ts"
import { withSystem } from "../../local/supervisor/with-system.ts"
import { invariantsHold } from "../path/command.ts"
import { machineOf } from "../rehearsal/machine.ts"
import { measureSearch } from "./messages.ts"
import { flowSummary, produceAndWatch } from "./produce.ts"
import { measureReplay } from "./replay.ts"

interface ProduceOptions {
  readonly orders: number
  readonly slow?: GroupName
  readonly delay: number
}

const print = (line: string) => console.log(line)

/** `bench produce`: sends orders into the queue and watches them through the whole system. */
export const produceCommand = (): Command =>
  new Command("produce")
    .description(
      "Starts its own system, sends orders into the queue of a new sale, and shows them on their way, one line a second: decided, published, and the lag of each consumer group, until nothing waits.",
    )
    .option("--orders <n>", "orders to send", integerBetween(1, 1_000_000), 10_000)
    .addOption(
      new Option("--slow <group>", "slow the consumer of this group down, to see its lag grow and drain").choices(
        groupNames("reservationEvents"),
      ),
    )
    .option("--delay <ms>", "how long the slowed consumer waits before each delivery", integerBetween(1, 10_000), 1_000)
    .action(async ({ orders, slow, delay: delayMs }: ProduceOptions) => {
      const folder = new StateFolder(join(defaultStateDir, "bench-produce"))
      const httpPort = await pickPort(new Set())
      process.exitCode = await withSystem(folder, { httpPort, reset: true }, async (system) => {
        const deps = { folder, environment: system.environment, say: print }
        const moments = await produceAndWatch(deps, { orders, delayMs, ...(slow !== undefined && { slow }) })
        print(flowSummary(moments))
        return (await invariantsHold(system)) ? 0 : 1
      })
    })

/** `bench replay`: lets analytics read many events again, and compares its totals. */
export const replayCommand = (): Command =>
  new Command("replay")
    .description(
      "Starts its own system, sends synthetic events, lets analytics count them, and lets it count them again with `ops replay`: time, memory, and whether the totals are identical.",
    )
    .option("--events <n>", "events to send", integerBetween(1_000, 10_000_000), 1_000_000)
    .option("--json <file>", "also write the result to this file")
    .action(async ({ events, json }: { events: number; json?: string }) => {
      const at = new Date().toISOString()
      const folder = new StateFolder(join(defaultStateDir, "bench-replay"))
      const httpPort = await pickPort(new Set())
      process.exitCode = await withSystem(folder, { httpPort, reset: true }, async ({ environment }) => {
        const result = await measureReplay(folder, environment, events, print)
        const [firstMb, againMb] = result.memory_mb
        print(
          `${events} events read after ${result.first_read_seconds} s, and again in ${result.replay_seconds} s: identical totals; the consumer had ${firstMb} and ${againMb} MB`,
        )
        if (json) writeFileSync(json, `${JSON.stringify({ at, machine: machineOf(), ...result }, undefined, 2)}\n`)
        return 0
      })
    })

/** `bench messages`: searches many records with `ops messages`, and shows the memory of the reader. */
export const messagesCommand = (): Command =>
  new Command("messages")
    .description(
      "Starts its own system, sends synthetic events, and searches all of them with the code of `ops messages`: the time, and the fullest heap of the reader after a tenth of the records and after all.",
    )
    .option("--events <n>", "events to send", integerBetween(1_000, 10_000_000), 1_000_000)
    .action(async ({ events }: { events: number }) => {
      const folder = new StateFolder(join(defaultStateDir, "bench-messages"))
      const httpPort = await pickPort(new Set())
      process.exitCode = await withSystem(folder, { httpPort, reset: true }, async ({ environment }) => {
        const { records, seconds, heap_mb: heap } = await measureSearch(folder, environment, events, print)
        print(
          `${records} records read in ${seconds} s; the heap had at most ${heap[0]} MB in the first tenth, and ${heap[1]} MB in all`,
        )
        return 0
      })
    })
