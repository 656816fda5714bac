import { type CompletionWords, filesWord } from "./words.ts"

export const shells = ["bash", "zsh", "fish"] as const
export type Shell = (typeof shells)[number]

/**
 * Writes the script that teaches a shell the CLI as the command `ops`. The words are in the script: a key press starts no process
 * of Node.
 *
 * @param root the directory of this project
 */
export const completionScript = (shell: Shell, words: CompletionWords, root: string): string =>
  ({ bash: bashScript, zsh: zshScript, fish: fishScript })[shell](words, root)

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const run = (root: string): string => `npm --prefix ${quoted(root)} run --silent ops --`

/** For bash and zsh: prints the words of a key on one line, or fails when there is no such key. */
const wordsFunction = (words: CompletionWords): string =>
  [
    "_flash_sale_ops_words() {",
    '  case "$1" in',
    ...[...words].map(([key, list]) => `    ${quoted(key)}) printf '%s' ${quoted(list.join(" "))} ;;`),
    "    *) return 1 ;;",
    "  esac",
    "}",
  ].join("\n")

/** For bash and zsh: reads the words before the cursor, its arguments; prints the key of the place of the cursor. */
const keyFunction = `_flash_sale_ops_key() {
  local command='' option='' position=0 word
  for word in "$@"; do
    if [ -n "$option" ]; then option=''
    elif [ "\${word#-}" != "$word" ]; then
      if _flash_sale_ops_words "$command $word" >/dev/null; then option=$word; fi
    elif [ "$position" -eq 0 ] && _flash_sale_ops_words "\${command:+$command }$word " >/dev/null; then
      command="\${command:+$command }$word"
    else position=$((position + 1))
    fi
  done
  if [ -n "$option" ]; then printf '%s' "$command $option"
  else printf '%s' "$command $position"
  fi
}`

const bashScript = (words: CompletionWords, root: string): string => `# The command ops and its completion for bash.
# Load it now and in each new shell: npm run --silent ops -- completion bash > ~/.flash-sale-ops.bash
# and put "source ~/.flash-sale-ops.bash" into ~/.bashrc
ops() { ${run(root)} "$@"; }
${wordsFunction(words)}
${keyFunction}
_flash_sale_ops() {
  local current=\${COMP_WORDS[COMP_CWORD]} key found
  key=$(_flash_sale_ops_key "\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  case "$key" in
    *[0-9])
      if [ "\${current#-}" != "$current" ]; then found=$(_flash_sale_ops_words "\${key% *} -")
      else
        found=$(_flash_sale_ops_words "$key")
        if [ "\${key##* }" = 0 ]; then found="$found $(_flash_sale_ops_words "\${key%0}")"; fi
      fi ;;
    *) found=$(_flash_sale_ops_words "$key") ;;
  esac
  if [ "$found" = '${filesWord}' ]; then COMPREPLY=($(compgen -f -- "$current"))
  else COMPREPLY=($(compgen -W "$found" -- "$current"))
  fi
}
complete -F _flash_sale_ops ops
`

const zshScript = (words: CompletionWords, root: string): string => `# The command ops and its completion for zsh.
# Load it now and in each new shell: npm run --silent ops -- completion zsh > ~/.flash-sale-ops.zsh
# and put "source ~/.flash-sale-ops.zsh" into ~/.zshrc, after compinit
ops() { ${run(root)} "$@"; }
${wordsFunction(words)}
${keyFunction}
_flash_sale_ops() {
  local key found
  key=$(_flash_sale_ops_key "\${(@)words[2,CURRENT-1]}")
  if [[ $key == *[0-9] && $PREFIX == -* ]]; then found=$(_flash_sale_ops_words "\${key% *} -")
  else
    found=$(_flash_sale_ops_words "$key")
    if [[ \${key##* } == 0 ]]; then found="$found $(_flash_sale_ops_words "\${key% *} ")"; fi
  fi
  if [[ $found == '${filesWord}' ]]; then _files
  else compadd -- \${=found}
  fi
}
compdef _flash_sale_ops ops
`

const fishScript = (words: CompletionWords, root: string): string => `# The command ops and its completion for fish.
# Load it in each new shell: npm run --silent ops -- completion fish > ~/.config/fish/conf.d/flash-sale-ops.fish
function ops
    ${run(root)} $argv
end
function __flash_sale_ops_words
    switch "$argv[1]"
${[...words].map(([key, list]) => `        case ${quoted(key)}\n            string split -n ' ' -- ${quoted(list.join(" "))}; or true`).join("\n")}
        case '*'
            return 1
    end
end
function __flash_sale_ops
    set -l command ''
    set -l option ''
    set -l position 0
    for word in (commandline -opc)[2..]
        if test -n "$option"
            set option ''
        else if string match -q -- '-*' $word
            __flash_sale_ops_words "$command $word" >/dev/null; and set option $word
        else if test $position -eq 0; and __flash_sale_ops_words (string trim -l -- "$command $word ") >/dev/null
            set command (string trim -- "$command $word")
        else
            set position (math $position + 1)
        end
    end
    set -l found
    if test -n "$option"
        set found (__flash_sale_ops_words "$command $option")
    else if string match -q -- '-*' (commandline -ct)
        set found (__flash_sale_ops_words "$command -")
    else
        set found (__flash_sale_ops_words "$command $position")
        test $position -eq 0; and set -a found (__flash_sale_ops_words "$command ")
    end
    if test "$found" = '${filesWord}'
        __fish_complete_path (commandline -ct)
    else
        string join \\n -- $found
    end
end
complete -c ops -e
complete -c ops -f -a '(__flash_sale_ops)'
`
