import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Command } from "commander"
import type { AnalyticsRun } from "../analytics/result.ts"
import { type ColdRun, latencyComparisons } from "../cold/result.ts"
import { spreadText } from "../cold/table.ts"
import type { InitRun } from "../init/result.ts"
import { initCells, initRows } from "../init/table.ts"
import type { Run } from "../measure/result.ts"
import type { PathRun } from "../path/result.ts"
import { withColdReport } from "./cold-page.ts"
import { compareRuns, comparisonLine, yardstickText } from "./compare.ts"
import { withInitReport } from "./init-page.ts"
import { keepRun, keptRuns, kindOf, type RunKind, readRunOf } from "./kept.ts"
import { kneeChanges } from "./knees.ts"
import { withPathReport } from "./path-page.ts"
import { withReport } from "./performance-page.ts"

const page = fileURLToPath(new URL("../../docs/PERFORMANCE.md", import.meta.url))
const plots = fileURLToPath(new URL("../plots", import.meta.url))

/** The cells before describe the environment. */
const timesFrom = 4

/** `bench compare`: compares the writer's lead over its rivals, and the knees of the path, with the earlier run. */
export const compareCommand = (): Command =>
  new Command("compare")
    .description(
      "Keeps a run of `bench writer`, `path`, `cold`, `init` or `analytics` (with --json) under its date in loadtest/results and compares it with the run of its kind kept before.",
    )
    .argument("[file]", "the run to keep; without it, the two newest kept of each kind are compared")
    .addHelpText(
      "after",
      `\nThe writer is compared by ratios, its decisions/s over ${yardstickText}; the others are shown without a verdict.\nExit code: 0 as good as before, 1 a regression of the writer.`,
    )
    .action((file?: string) => {
      const kind = file === undefined ? undefined : kindOf(file)
      if (file !== undefined && kind !== undefined) console.log(`kept as ${keepRun(kind, readRunOf(kind, file))}`)
      const isAsked = (other: RunKind) => kind === undefined || kind === other
      if (isAsked("writer")) compareLast("writer", keptRuns("writer"), compareWriters)
      if (isAsked("path")) compareLast("path", keptRuns("path"), comparePaths)
      if (isAsked("cold")) compareLast("cold", keptRuns("cold"), compareColdStarts)
      if (isAsked("init")) compareLast("init", keptRuns("init"), compareEnvironments)
      if (isAsked("analytics")) compareLast("analytics", keptRuns("analytics"), compareAnalytics)
    })

function compareLast<T extends { readonly at: string }>(
  kind: string,
  runs: readonly T[],
  compare: (before: T, after: T) => void,
) {
  const [before, after] = runs.slice(-2)
  if (before === undefined || after === undefined) return console.log(`${kind}: there is no earlier run to compare with.`)
  console.log(`${kind}: ${before.at} -> ${after.at}`)
  compare(before, after)
}

function compareWriters(before: Run, after: Run): void {
  const comparisons = compareRuns(before, after)
  for (const comparison of comparisons) console.log(comparisonLine(comparison))
  if (comparisons.some(({ isRegression }) => isRegression)) process.exitCode = 1
}

function comparePaths(before: PathRun, after: PathRun): void {
  for (const change of kneeChanges(before, after)) console.log(change)
}

function compareAnalytics(before: AnalyticsRun, after: AnalyticsRun): void {
  for (const { name, per_second } of after.results) {
    const old = before.results.find((result) => result.name === name)
    console.log(`${name}: ${Math.round(old?.per_second ?? 0)} -> ${Math.round(per_second)} events/s`)
  }
}

function compareColdStarts(before: ColdRun, after: ColdRun): void {
  const earlier = new Map(latencyComparisons(before).map((comparison) => [comparison.figure, comparison]))
  for (const { figure, first, second, ratio } of latencyComparisons(after)) {
    const old = earlier.get(figure)
    if (old === undefined) continue
    const changes = [
      `first ${spreadText(old.first)} -> ${spreadText(first)} ms`,
      `second ${spreadText(old.second)} -> ${spreadText(second)} ms`,
      `ratio ${spreadText(old.ratio, 2)} -> ${spreadText(ratio, 2)}`,
    ]
    console.log(`${figure}: ${changes.join(", ")}`)
  }
}

function compareEnvironments(before: InitRun, after: InitRun): void {
  const keyOf = ({ name, warmUp }: ReturnType<typeof initRows>[number]) => `${name}, warm-up ${warmUp}`
  const earlier = new Map(initRows(before).map((row) => [keyOf(row), initCells(row).slice(timesFrom).join(" / ")]))
  for (const row of initRows(after)) {
    const old = earlier.get(keyOf(row))
    if (old !== undefined) console.log(`${keyOf(row)}, ms: ${old} -> ${initCells(row).slice(timesFrom).join(" / ")}`)
  }
}

/** `bench report`: writes the results of a run for people. */
export const reportCommand = (): Command =>
  new Command("report")
    .description(
      "Rewrites the tables of docs/PERFORMANCE.md and the plots in loadtest/plots from a run of the writer, of the path, of cold starts or of environments.",
    )
    .argument("[file]", "the run (default: the newest kept of each kind)")
    .action(async (file?: string) => {
      const writer = givenOrKept("writer", file)
      const path = givenOrKept("path", file)
      const cold = givenOrKept("cold", file)
      const init = givenOrKept("init", file)
      if (!writer && !path && !cold && !init)
        throw new Error("No run was kept yet: `npm run bench -- writer --json FILE` (or path, cold, init), then `compare FILE`")
      mkdirSync(plots, { recursive: true })
      if (writer) await reportWriter(writer)
      if (path) await reportPath(path)
      if (cold) writeFileSync(page, withColdReport(readFileSync(page, "utf8"), cold))
      if (init) writeFileSync(page, withInitReport(readFileSync(page, "utf8"), init))
    })

/** The run of a kind in a file, or without a file the newest kept; undefined when the file holds a run of the other kind. */
function givenOrKept<Kind extends RunKind>(kind: Kind, file?: string) {
  if (file === undefined) return keptRuns(kind).at(-1)
  return kindOf(file) === kind ? readRunOf(kind, file) : undefined
}

// The charting library is loaded here and not with the file, because the commands that measure do not need it.

async function reportWriter(run: Run): Promise<void> {
  const { ladderPlot, ratioPlot } = await import("./plots.ts")
  writeFileSync(page, withReport(readFileSync(page, "utf8"), run))
  writeFileSync(join(plots, "ladder.svg"), ladderPlot(run))
  writeFileSync(join(plots, "ratios.svg"), ratioPlot(run))
}

async function reportPath(run: PathRun): Promise<void> {
  const { pathLadderPlot } = await import("./path-plot.ts")
  writeFileSync(page, withPathReport(readFileSync(page, "utf8"), run))
  const plot = pathLadderPlot(run)
  if (plot !== undefined) writeFileSync(join(plots, "path-ladder.svg"), plot)
}
