import type { CompletionNode } from "./words.ts"

/** The completion of fish: a line for each command, each choice and each option, with the command line after which it may come. */
export const fishCompletion = (nodes: readonly CompletionNode[]): string =>
  [
    "# Completion of the operators' commands for fish.",
    "# Load it: npm run --silent ops -- completion fish | source",
    "functions -q ops; or function ops; npm run --silent ops -- $argv; end",
    "complete -c ops -f",
    ...nodes.flatMap(linesOf),
    "",
  ].join("\n")

function linesOf({ path, commands, choices, options, values }: CompletionNode): string[] {
  const words = path.split(" ").filter(Boolean)
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`)
  const without = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.join(" ")}`]
  const when = (conditions: readonly string[]) => (conditions.length === 0 ? "" : ` -n '${conditions.join("; and ")}'`)
  const here = when([...seen, ...without])
  const next = [...commands, ...choices]
  return [
    ...(next.length === 0 ? [] : [`complete -c ops${here} -a '${next.join(" ")}'`]),
    ...options.map((option) => {
      const flag = option.startsWith("--") ? `-l ${option.slice(2)}` : `-s ${option.slice(1)}`
      const given = values.get(option)
      const value = given === undefined ? "" : ` -x${given.length === 0 ? "" : ` -a '${given.join(" ")}'`}`
      return `complete -c ops${when(seen)} ${flag}${value}`
    }),
  ]
}
