import { readFileSync } from "node:fs"

/** A heading of docs/RUNBOOK.md with what an operator does there. */
export interface RunbookHeading {
  readonly heading: string
  readonly text: string
  /** The commands of the operators' command line in it, as they are written: `ops sale halt <sku>` is `sale halt <sku>`. */
  readonly commands: readonly string[]
}

const runbook = readFileSync(new URL("../../docs/RUNBOOK.md", import.meta.url), "utf8")

/** The headings that describe a situation or an alarm: the sections of the second level. */
export const runbookHeadings: readonly RunbookHeading[] = runbook
  .split(/^(?=#{1,2} )/m)
  .filter((section) => section.startsWith("## "))
  .map((section) => ({
    heading: section.slice(3, section.indexOf("\n")).trim(),
    text: section,
    commands: commandsIn(section),
  }))

/** Commands outside the headings: the table at the beginning, and the day of a sale. */
export const otherCommands: readonly string[] = commandsIn(
  runbook
    .split(/^(?=#{1,2} )/m)
    .filter((section) => !section.startsWith("## "))
    .join("\n"),
)

/** Code in a sentence may be broken over two lines; code in a block has a line for each command. */
function commandsIn(text: string): string[] {
  const spans = [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/`ops ([^`]+)`/g)].map(([, command = ""]) => command)
  const blocks = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
    block.split("\n").flatMap((line) => (line.startsWith("ops ") ? [line.slice("ops ".length)] : [])),
  )
  return [...spans, ...blocks].map((command) => command.replaceAll(/\s+/g, " ").trim())
}
