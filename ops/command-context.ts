import type { Command } from "commander"
import type { Ask } from "./client.ts"

/** The options before the command. */
export interface GlobalOptions {
  /** A deployed stage; undefined is the system of this machine. */
  readonly stage?: string
  readonly operator?: string
  readonly json: boolean
}

/** What the commands of the CLI get. */
export interface CommandContext {
  /** Sends commands to the local system, or to the function of the stage. It connects at its first use. */
  readonly ask: () => Ask
  readonly asJson: () => boolean
  readonly options: () => GlobalOptions
}

/** The exit code after a violation, a refused command or a failure. Commander exits with 1 on wrong usage, too. */
export const failed = 1

const examples = new WeakMap<Command, readonly string[]>()

/** Shows examples at the end of the help of a command. @param lines what follows `npm run ops -- ` */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  examples.set(command, lines)
  const shown = lines.map((line) => `  npm run ops -- ${line}`).join("\n")
  return command.addHelpText("after", `\n${lines.length === 1 ? "Example" : "Examples"}:\n${shown}`)
}

/** The examples of a command. A test runs through them all. */
export const examplesOf = (command: Command): readonly string[] => examples.get(command) ?? []

const usualExitCodes = "The exit code is 0 after success, and 1 after a violation, a refused command or a failure."
const ownExitCodes = new WeakMap<Command, string>()

/** Says what each exit code of a command means, for a command that has others than the usual two. */
export function withExitCodes(command: Command, text: string): Command {
  ownExitCodes.set(command, text)
  return command
}

/** What the exit codes of a command mean, where they are not the usual two. The reference page shows it. */
export const ownExitCodesOf = (command: Command): string | undefined => ownExitCodes.get(command)

/** Shows the exit codes at the end of the help of every command. */
export function documentExitCodes(command: Command): void {
  command.addHelpText("after", `\n${ownExitCodes.get(command) ?? usualExitCodes}`)
  for (const each of command.commands) documentExitCodes(each)
}
