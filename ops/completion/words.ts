import type { Command, Option } from "commander"

/**
 * What may stand at a place of a command, by its key: the command so far and a space before
 *
 * - nothing more: its commands (`sale `),
 * - a dash: its options (`sale list -`),
 * - an option that takes a value: the values (`sale list --status`),
 * - a number: the values of this argument, counted from 0 (`mode 0`).
 *
 * An option with a free value and an argument with one have an empty list. An option without a value has no key.
 */
export type CompletionWords = ReadonlyMap<string, readonly string[]>

/** Stands for the names of files. */
export const filesWord = "<files>"

/** Reads from the CLI itself what may stand at each place. */
export function completionWords(program: Command): CompletionWords {
  const words = new Map<string, readonly string[]>()
  const add = (command: Command, path: string, inherited: readonly Option[]) => {
    const help = command.createHelp()
    const own = help.visibleOptions(command)
    const options = [...own, ...inherited]
    const commands = help.visibleCommands(command).filter((each) => each.name() !== "help")
    words.set(`${path} `, commands.map((each) => each.name()).toSorted())
    words.set(
      `${path} -`,
      options.map((each) => each.long ?? each.flags),
    )
    for (const each of options)
      if (takesValue(each))
        for (const flag of [each.short, each.long]) if (flag) words.set(`${path} ${flag}`, each.argChoices ?? filesIn(each.flags))
    command.registeredArguments.forEach((argument, position) => {
      words.set(`${path} ${position}`, argument.argChoices ?? filesIn(argument.name()))
    })
    for (const each of commands) add(each, `${path} ${each.name()}`.trim(), commonOptions)
  }
  const commonOptions = program.options
  add(program, "", [])
  return words
}

const takesValue = ({ required, optional }: Option): boolean => required || optional

const filesIn = (text: string): readonly string[] => (/file/i.test(text) ? [filesWord] : [])
