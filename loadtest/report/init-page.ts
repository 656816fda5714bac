import type { InitRun } from "../init/result.ts"
import { marks } from "../init/result.ts"
import { emulation, initCells, initRows } from "../init/table.ts"
import { withSection } from "./page-section.ts"
import { type Column, markdownOf } from "./table.ts"

const markers = { begin: "<!-- bench report writes the environments from here -->", end: "<!-- the environments to here -->" }

const columns: readonly Column<string[]>[] = [
  ["function", ([name = ""]) => name, "left"],
  ...["warm-up", "MB", "core", "init ms", ...marks.map((mark) => `request ${mark} ms`)].map(
    (heading, index): Column<string[]> => [heading, (cells) => cells[index + 1] ?? ""],
  ),
]

/** Puts the results of a run of environments between their markers of the page. @throws Error when the markers are missing */
export const withInitReport = (page: string, run: InitRun): string => withSection(page, markers, reportOf(run))

function reportOf(run: InitRun): string {
  const { at, machine } = run
  return [
    `Measured on ${at.slice(0, 10)}: ${machine.cores} cores (${machine.processor}), ${machine.memoryMiB} MiB, Node ${machine.node}.`,
    markdownOf(columns, initRows(run).map(initCells)),
    emulation,
  ].join("\n\n")
}
