import { type Command, Option } from "commander"
import { type CommandContext, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"

/** Adds `warm`. */
export function addWarmCommand(program: Command, { options }: CommandContext): void {
  withExamples(program.command("warm"), "--stage prod warm", "--stage prod warm --within 600")
    .description(
      "start the warm environments of --stage now, as the sale calendar does before a sale, and wait until they have warmed up. The local system needs no command: each of its processes warms up before it is ready",
    )
    .addOption(new Option("--interval <s>", "seconds between two looks").argParser(integer).default(5))
    .addOption(new Option("--within <s>", "seconds that the environments may take").argParser(integer).default(900))
    .action(async ({ interval, within }: { interval: number; within: number }) => {
      const { stage, json } = options()
      if (stage === undefined) throw new Error("warm needs --stage: local processes warm up before they are ready")
      const { warmStage } = await import("./warm.ts")
      await warmStage(stage, { intervalMs: interval * 1_000, withinMs: within * 1_000 }, (warmth) => {
        if (json) return console.log(JSON.stringify(warmth))
        console.log(warmth.map(({ function: name, ready, asked }) => `${name} ${ready}/${asked}`).join("   "))
      })
    })
}
