import type { PassageKind } from "./rules.ts"

/** Text that belongs together, such as a paragraph or the lines of a comment: a phrase may be broken across its lines. */
export interface Passage {
  readonly kind: PassageKind
  readonly lines: readonly Line[]
}

export interface Line {
  readonly number: number
  readonly text: string
}

/** The passage of a name: its words in lower case. `skuAllocation` and `sku-allocation` are "sku allocation". */
export function namePassage(name: string, number: number): Passage {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll(/[^A-Za-z0-9]+/g, " ")
  return { kind: "name", lines: [{ number, text: words.toLowerCase() }] }
}

/** Puts lines that follow each other into one passage. An empty line ends it. */
export function paragraphs(kind: PassageKind, lines: readonly Line[]): readonly Passage[] {
  const found: Line[][] = []
  for (const line of lines) {
    if (line.text.trim() === "") continue
    const last = found.at(-1)
    if (last?.at(-1)?.number === line.number - 1) last.push(line)
    else found.push([line])
  }
  return found.map((passage) => ({ kind, lines: passage }))
}
