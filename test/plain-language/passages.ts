import { namePassage, type Passage } from "./passage.ts"
import { programPassages } from "./program-passages.ts"
import { commentPassages, documentPassages } from "./text-passages.ts"

/**
 * What people read in a file, and the names in it. Code in backticks is left out.
 * @throws Error when a program does not parse
 */
export function passagesOf(path: string, text: string): readonly Passage[] {
  return [...contentPassages(path, text), namePassage(path, 1)].map(({ kind, lines }) => ({
    kind,
    lines: lines.map((line) => ({ ...line, text: line.text.replaceAll(/`[^`]*`/g, "``").trim() })),
  }))
}

function contentPassages(path: string, text: string): readonly Passage[] {
  if (/\.(ts|tsx|mjs)$/.test(path)) return programPassages(path, text)
  if (path.endsWith(".md")) return documentPassages(text)
  return commentPassages(text, /\.(sql|lua)$/.test(path) ? "--" : "#")
}
