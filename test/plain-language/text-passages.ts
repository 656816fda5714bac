import { type Line, type Passage, paragraphs } from "./passage.ts"

/** The paragraphs of a Markdown document, without fenced code, link targets and HTML tags. */
export function documentPassages(text: string): readonly Passage[] {
  let fenced = false
  const prose = numbered(text).flatMap((line) => {
    if (/^\s*(```|~~~)/.test(line.text)) fenced = !fenced
    else if (!fenced) return [{ ...line, text: line.text.replaceAll(/\]\([^)]*\)|<[^>]*>/g, "]") }]
    return []
  })
  return paragraphs("document", prose)
}

/** Comments after a marker: `--` in SQL and Lua, `#` in YAML, shell scripts and Python. */
export function commentPassages(text: string, marker: "#" | "--"): readonly Passage[] {
  const comment = new RegExp(`(?:^|\\s)${marker}+\\s(.*)$`)
  const lines = numbered(text).flatMap((line) => {
    const found = comment.exec(line.text)?.[1]
    return found === undefined ? [] : [{ ...line, text: found }]
  })
  return paragraphs("comment", lines)
}

const numbered = (text: string): readonly Line[] => text.split("\n").map((line, index) => ({ number: index + 1, text: line }))
