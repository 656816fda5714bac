import { dirname } from "node:path"
import { Argument, type Command } from "commander"
import { withExamples } from "./command-context.ts"
import { completionScript, type Shell, shells } from "./completion/scripts.ts"
import { completionWords } from "./completion/words.ts"

const projectDirectory = dirname(import.meta.dirname)

/** Adds `completion bash|zsh|fish`. */
export function addCompletionCommand(program: Command): void {
  const command = program
    .command("completion")
    .description(
      "print a script for your shell: with it, the command `ops` stands for `npm run ops --`, and the tab key completes commands, options and their values",
    )
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action((shell: Shell) => console.log(completionScript(shell, completionWords(program), projectDirectory)))
  withExamples(command, "completion bash", "completion zsh", "completion fish")
}
