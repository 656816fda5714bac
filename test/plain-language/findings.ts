import type { Passage } from "./passage.ts"
import { passagesOf } from "./passages.ts"
import { keptTexts, longestLine, rules } from "./rules.ts"

export interface Finding {
  readonly path: string
  readonly line: number
  readonly found: string
  readonly instead: string
}

/** Where a file breaks the rules of plain language, in the order of its lines. */
export function findingsIn(path: string, text: string): readonly Finding[] {
  const passages = passagesOf(path, text)
  const words = passages
    .filter(({ lines }) => !keptTexts.some((kept) => kept.path === path && lines.every(({ text }) => text === kept.text)))
    .flatMap((passage) => wordsIn(passage).map((finding) => ({ path, ...finding })))
  return [...words, ...longLines(path, text, passages)].sort((one, other) => one.line - other.line)
}

export const described = ({ path, line, found, instead }: Finding) => `${path}:${line} ${found} -> ${instead}`

function wordsIn({ kind, lines }: Passage): readonly Omit<Finding, "path">[] {
  const text = lines.map((line) => line.text).join(" ")
  const lineAt = (position: number) => {
    let end = 0
    return lines.find((line) => {
      end += line.text.length + 1
      return position < end
    })?.number
  }
  return rules
    .filter(({ kinds }) => kinds.includes(kind))
    .flatMap(({ pattern, instead }) =>
      Array.from(text.matchAll(pattern), ({ index, 0: match }) => ({
        line: lineAt(index) ?? 0,
        found: `"${text.slice(Math.max(0, index - 25), index + match.length + 25).trim()}" has "${match.trim()}"`,
        instead,
      })),
    )
}

/** A row of a table, or one word or link behind a comment's or a list's marker. */
const unbreakable = /^\s*(?:\||(?:(?:\/\/|--|#|\*|-)\s+)?(?:\S+|\[[^\]]*\]\([^)]*\)\.?)$)/

/** Lines of comments and documents that are too long. */
function longLines(path: string, text: string, passages: readonly Passage[]): readonly Finding[] {
  const lines = text.split("\n")
  const prose = passages.filter(({ kind }) => kind === "comment" || kind === "document")
  const numbers = new Set(prose.flatMap((passage) => passage.lines.map(({ number }) => number)))
  return [...numbers].flatMap((number) => {
    const line = lines[number - 1] ?? ""
    if (line.length <= longestLine || unbreakable.test(line)) return []
    return [{ path, line: number, found: `${line.length} columns`, instead: `at most ${longestLine}` }]
  })
}
