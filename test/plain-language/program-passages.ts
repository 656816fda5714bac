import { type Program, parseSync, Visitor } from "oxc-parser"
import { type Line, namePassage, type Passage, paragraphs } from "./passage.ts"

/** The lines of a piece of a file, with their numbers in it. */
type LinesAt = (position: number, piece: string) => readonly Line[]

/**
 * Comments and strings of a program, and the names it declares.
 * @throws Error when the program does not parse
 */
export function programPassages(path: string, text: string): readonly Passage[] {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const lineNumberAt = lineNumbers(text)
  const linesAt: LinesAt = (position, piece) =>
    piece.split("\n").map((line, index) => ({ number: lineNumberAt(position) + index, text: line }))
  const commentLines = comments.flatMap(({ start, value }) =>
    linesAt(start, value).map((line) => ({ ...line, text: line.text.replace(/^\s*\*+/, "") })),
  )
  return [
    ...paragraphs("comment", commentLines),
    ...stringsIn(program, linesAt),
    ...[...namesIn(program)].map(([name, start]) => namePassage(name, lineNumberAt(start))),
  ]
}

/** Strings and templates. The path of an import is a name that another file declares. */
function stringsIn(program: Program, linesAt: LinesAt): readonly Passage[] {
  const strings: Passage[] = []
  const imported = new Set<number>()
  const add = (lines: readonly Line[]) => void strings.push({ kind: "string", lines })
  // An ellipsis in place of the expression before it: what follows begins no sentence.
  const piece = ({ start, value }: { readonly start: number; readonly value: { readonly raw: string } }, index: number) =>
    linesAt(start, index === 0 ? value.raw : `…${value.raw}`)
  new Visitor({
    ImportDeclaration: ({ source }) => void imported.add(source.start),
    ExportNamedDeclaration: ({ source }) => void (source && imported.add(source.start)),
    ExportAllDeclaration: ({ source }) => void imported.add(source.start),
    ImportExpression: ({ source }) => void imported.add(source.start),
    Literal: ({ start, value, raw }) => {
      if (typeof value === "string" && !imported.has(start)) add(linesAt(start + 1, raw?.slice(1, -1) ?? value))
    },
    TemplateLiteral: ({ quasis }) => add(quasis.flatMap(piece)),
    TSTemplateLiteralType: ({ quasis }) => add(quasis.flatMap(piece)),
  }).visit(program)
  return strings
}

/** Each name and where it comes first. Imported names and members of objects are left to the file that declares them. */
function namesIn(program: Program): ReadonlyMap<string, number> {
  const names = new Map<string, number>()
  const imported = new Set<string>()
  const members = new Set<number>()
  const add = ({ name, start }: { readonly name: string; readonly start: number }) => {
    if (!imported.has(name) && !members.has(start) && !names.has(name)) names.set(name, start)
  }
  new Visitor({
    ImportDeclaration({ specifiers }) {
      for (const specifier of specifiers) {
        imported.add(specifier.local.name)
        if (specifier.type === "ImportSpecifier") members.add(specifier.imported.start)
      }
    },
    MemberExpression: ({ property, computed }) => void (computed || members.add(property.start)),
    Identifier: add,
    PrivateIdentifier: add,
  }).visit(program)
  return names
}

/** Finds the number of the text line at a position. */
function lineNumbers(text: string): (position: number) => number {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
  return (position) => {
    const next = starts.findIndex((start) => start > position)
    return next === -1 ? starts.length : next
  }
}
