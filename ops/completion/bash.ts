import type { CompletionNode } from "./words.ts"

/**
 * The completion of bash: a table of what may follow each command, and a function that finds the command of the line. `global` is
 * the table of options before the command.
 */
export const bashCompletion = (nodes: readonly CompletionNode[]): string => `# Completion of the operators' commands for bash.
# Load it: source <(npm run --silent ops -- completion bash)
declare -F ops > /dev/null || ops() { npm run --silent ops -- "$@"; }

_ops_commands() {
  case "$1" in
${cases(nodes, ({ commands }) => commands)}  esac
}

_ops_words() {
  case "$1" in
${cases(nodes, ({ commands, choices }) => [...commands, ...choices])}  esac
}

_ops_options() {
  case "$1" in
${cases(nodes, ({ options }) => options)}  esac
}

_ops_values() {
  case "$1" in
${nodes
  .flatMap(({ path, values }) =>
    [...values].map(([option, words]) => `    "${path}|${option}") echo "= ${words.join(" ")}" ;;\n`),
  )
  .join("")}  esac
}

_ops() {
  local word path="" previous="" current="\${COMP_WORDS[COMP_CWORD]}" values=""
  local -i index
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    word="\${COMP_WORDS[index]}"
    values="$(_ops_values "$path|$word")"
    if [[ -n "$values" ]]; then
      index+=1
      previous="$values"
      continue
    fi
    previous=""
    if [[ " $(_ops_commands "$path") " == *" $word "* ]]; then path="\${path:+$path }$word"; fi
  done
  if [[ -n "$previous" && index -gt COMP_CWORD ]]; then
    COMPREPLY=($(compgen -W "\${previous#=}" -- "$current"))
  elif [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$(_ops_options "$path")" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$(_ops_words "$path")" -- "$current"))
  fi
}
complete -F _ops ops
`

/** zsh runs the completion of bash. */
export const zshCompletion = (nodes: readonly CompletionNode[]): string =>
  `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashCompletion(nodes)
    .replace("for bash.", "for zsh.")
    .replace("completion bash", "completion zsh")
    .replace("declare -F ops > /dev/null", "whence -w ops > /dev/null")}`

const cases = (nodes: readonly CompletionNode[], wordsOf: (node: CompletionNode) => readonly string[]): string =>
  nodes
    .filter((node) => wordsOf(node).length > 0)
    .map((node) => `    "${node.path}") echo "${wordsOf(node).join(" ")}" ;;\n`)
    .join("")
