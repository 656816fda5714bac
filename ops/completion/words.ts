import type { Command } from "commander"

/** What may follow one command: its words, and the choices of its options. */
export interface CompletionNode {
  /** The command's words after `ops`; empty for the program itself. */
  readonly path: string
  readonly commands: readonly string[]
  /** Choices of its arguments. */
  readonly choices: readonly string[]
  readonly options: readonly string[]
  /** By option: the words that may follow it; none for an option with a value of its own. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** Every command of the program with what may follow it, from the program itself: it cannot be out of date. */
export function completionNodes(command: Command, path: readonly string[] = []): CompletionNode[] {
  const options = command.options.filter(({ hidden }) => !hidden)
  const flags = options.flatMap(({ long, short }) => [long, short].filter((flag) => flag !== undefined && flag !== null))
  const node: CompletionNode = {
    path: path.join(" "),
    commands: command.commands.map((each) => each.name()),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: [...flags, "--help"],
    values: new Map(
      options
        .filter(({ required, optional }) => required || optional)
        .flatMap(({ long, short, argChoices }) =>
          [long, short].filter((flag) => typeof flag === "string").map((flag) => [flag, argChoices ?? []] as const),
        ),
    ),
  }
  return [node, ...command.commands.flatMap((each) => completionNodes(each, [...path, each.name()]))]
}
