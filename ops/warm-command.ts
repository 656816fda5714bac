import { type Command, Option } from "commander"
import { mostWarmMinutes } from "../core/contracts/operations/warm.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"
import type { Warmth } from "./warm.ts"

/** Adds `warm`. */
export function addWarmCommand(program: Command, { ask, options, asJson }: CommandContext): void {
  const command = program
    .command("warm")
    .description(
      "start the warm environments of --stage now, for a time without a sale that needs them, and wait until they have warmed up. Sales need no command: a function looks every minute which of them open or sell. The local system needs nothing: each of its processes warms up before it is ready",
    )
    .addOption(new Option("--minutes <n>", `how long they stay warm, at most ${mostWarmMinutes}`).argParser(integer).default(120))
    .addOption(new Option("--interval <s>", "seconds between two looks").argParser(integer).default(5))
    .addOption(new Option("--within <s>", "seconds that the environments may take").argParser(integer).default(900))
    .action(async ({ minutes, interval, within }: { minutes: number; interval: number; within: number }) => {
      const { stage } = options()
      if (stage === undefined) return say([], "nothing to do: each local process warms up before it is ready")
      const { warmStage } = await import("./warm.ts")
      let last: readonly Warmth[] = []
      await warmStage(stage, { minutes, intervalMs: interval * 1_000, withinMs: within * 1_000 }, ask(), (warmth) => {
        last = warmth
        process.stderr.write(`${warmth.map(({ function: name, ready, asked }) => `${name} ${ready}/${asked}`).join("   ")}\n`)
      })
      say(last, textTable([["function", "ready", "asked"], ...last.map((each) => [each.function, each.ready, each.asked])]))
    })
  withExamples(command, "--stage prod warm", "--stage prod warm --minutes 60 --within 600")

  /** One document on standard output; the looks in between are progress. */
  function say(functions: readonly Warmth[], text: string): void {
    console.log(asJson() ? JSON.stringify({ functions }) : text)
  }
}
