/** The longest line of prose in the documents. */
const maxColumns = 130

/** Breaks the paragraphs and list items of a Markdown text between words; tables and headings keep their lines. */
export const wrapProse = (text: string): string => text.split("\n").map(wrapLine).join("\n")

function wrapLine(line: string): string {
  if (/^[|#]/.test(line)) return line
  const indent = line.startsWith("- ") ? "  " : ""
  return line.split(" ").reduce((wrapped, word) => {
    const columns = wrapped.length - (wrapped.lastIndexOf("\n") + 1)
    return columns + 1 + word.length <= maxColumns ? `${wrapped} ${word}` : `${wrapped}\n${indent}${word}`
  })
}
