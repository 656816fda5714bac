import type { Command } from "commander"
import { examplesOf, ownExitCodesOf } from "../../../ops/command-context.ts"

/** A command with what a person types for it, such as `sale list`. */
export interface Named {
  readonly name: string
  readonly command: Command
}

/** Every command of the CLI, those with commands of their own before these. */
export const commandsOf = (parent: Command, before = ""): Named[] =>
  parent.commands.flatMap((command) => {
    const name = `${before}${command.name()}`
    return [{ name, command }, ...commandsOf(command, `${name} `)]
  })

/** Everything that `--help` shows. */
export function helpOf(command: Command): string {
  let help = ""
  const writeOut = (text: string): void => {
    help += text
  }
  command.configureOutput({ writeOut, getOutHelpWidth: () => 120 })
  command.outputHelp()
  return help
}

const introduction = `# The operators' CLI

This page is made from the CLI itself; a test compares them. After a change of a command, make it again:
\`npm test -- test/unit/ops/program.test.ts -u\`.

Each command runs as \`npm run ops -- <command>\`. Without \`--stage\`, it works on the local system. With
\`--stage\`, the same code runs in the network of the stage. Answers go to standard output, progress goes to standard
error. With \`--json\`, the answer is one JSON document; a command that goes on until you end it (\`watch\`, \`logs\`)
prints one document in each line.

The exit code is 0 after success, and 1 after a violation, a refused command or a failure. A command that has other
exit codes says so below. [RUNBOOK.md](RUNBOOK.md) says which command an incident needs.

The tab key completes commands, options and their values, as soon as your shell has the script of \`completion\`:

\`\`\`sh
npm run --silent ops -- completion bash > ~/.flash-sale-ops.bash && echo 'source ~/.flash-sale-ops.bash' >> ~/.bashrc
npm run --silent ops -- completion zsh > ~/.flash-sale-ops.zsh && echo 'source ~/.flash-sale-ops.zsh' >> ~/.zshrc
npm run --silent ops -- completion fish > ~/.config/fish/conf.d/flash-sale-ops.fish
\`\`\`
`

/** The reference page of the CLI. */
export function referenceOf(program: Command): string {
  const sections = commandsOf(program)
    .filter(({ command }) => examplesOf(command).length > 0)
    .map(({ name, command }) => sectionOf(name, command))
  return [introduction, ...sections].join("\n")
}

function sectionOf(name: string, command: Command): string {
  const help = command.createHelp()
  const exitCodes = ownExitCodesOf(command)
  const terms = [
    ...help.visibleArguments(command).map((each) => [help.argumentTerm(each), help.argumentDescription(each)]),
    ...help
      .visibleOptions(command)
      .filter(({ long }) => long !== "--help")
      .map((each) => [help.optionTerm(each), help.optionDescription(each)]),
  ]
  const rows = terms.map(([term = "", text = ""]) => `| \`${term}\` | ${text.replaceAll("|", "\\|")} |`)
  return [
    `## ${name}`,
    "",
    sentenceOf(command.description()),
    "",
    ...(exitCodes === undefined ? [] : [wrapped(exitCodes), ""]),
    ...(rows.length === 0 ? [] : ["| | |", "|---|---|", ...rows, ""]),
    "```sh",
    ...examplesOf(command).map((line) => `npm run ops -- ${line}`),
    "```",
    "",
  ].join("\n")
}

const sentenceOf = (text: string): string => wrapped(`${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`)

/** Breaks a paragraph at spaces, after at most 120 characters where that is possible. */
const wrapped = (text: string): string => text.replaceAll(/(.{1,120})(?: |$)/g, "$1\n").trimEnd()
