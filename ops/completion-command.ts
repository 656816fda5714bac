import { Argument, type Command } from "commander"
import { withExamples } from "./command-context.ts"
import { bashCompletion, zshCompletion } from "./completion/bash.ts"
import { fishCompletion } from "./completion/fish.ts"
import { completionNodes } from "./completion/words.ts"

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** Adds `completion bash|zsh|fish`. */
export function addCompletionCommand(program: Command): void {
  const command = program
    .command("completion")
    .description(
      "print a script that lets a shell complete these commands, their options and choices; it also defines `ops` as a short form of `npm run --silent ops --`. Load it in the shell's start file, from the folder of this project",
    )
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => console.log(shells[shell](completionNodes(program)).trimEnd()))
  withExamples(command, "completion bash")
}
