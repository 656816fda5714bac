import { type Command, Option } from "commander"
import { type CommandContext, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"
import type { Warmth } from "./warm.ts"

/** Adds `warm`. */
export function addWarmCommand(program: Command, { options, asJson }: CommandContext): void {
  const command = program
    .command("warm")
    .description(
      "start the warm environments of --stage now, as the sale calendar does before a sale, and wait until they have warmed up. The local system needs nothing: each of its processes warms up before it is ready",
    )
    .addOption(new Option("--interval <s>", "seconds between two looks").argParser(integer).default(5))
    .addOption(new Option("--within <s>", "seconds that the environments may take").argParser(integer).default(900))
    .action(async ({ interval, within }: { interval: number; within: number }) => {
      const { stage } = options()
      if (stage === undefined) return say([], "nothing to do: each local process warms up before it is ready")
      const { warmStage } = await import("./warm.ts")
      let last: readonly Warmth[] = []
      await warmStage(stage, { intervalMs: interval * 1_000, withinMs: within * 1_000 }, (warmth) => {
        last = warmth
        process.stderr.write(`${warmth.map(({ function: name, ready, asked }) => `${name} ${ready}/${asked}`).join("   ")}\n`)
      })
      say(last, textTable([["function", "ready", "asked"], ...last.map((each) => [each.function, each.ready, each.asked])]))
    })
  withExamples(command, "--stage prod warm", "--stage prod warm --within 600")

  /** One document on standard output; the looks in between are progress. */
  function say(functions: readonly Warmth[], text: string): void {
    console.log(asJson() ? JSON.stringify({ functions }) : text)
  }
}
