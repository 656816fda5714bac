import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Command } from "commander"
import { type Run, readRun } from "../measure/result.ts"
import { compareRuns, comparisonLine, yardstickText } from "./compare.ts"
import { keepRun, keptRuns } from "./kept.ts"
import { withReport } from "./performance-page.ts"
import { ladderPlot, ratioPlot } from "./plots.ts"

const page = fileURLToPath(new URL("../../docs/PERFORMANCE.md", import.meta.url))
const plots = fileURLToPath(new URL("../plots", import.meta.url))

/** `bench compare`: is the writer as far ahead of its rivals as it was? */
export const compareCommand = (): Command =>
  new Command("compare")
    .description(
      "Keeps a run of `bench writer --json` under its date in loadtest/results and compares it with the run kept before, as ratios.",
    )
    .argument("[file]", "the run to keep; without it, the two newest kept are compared")
    .addHelpText(
      "after",
      `\nA ratio is the writer's decisions/s over ${yardstickText}.\nExit code: 0 as good as before, 1 a regression.`,
    )
    .action((file?: string) => {
      if (file !== undefined) console.log(`kept as ${keepRun(readRun(file))}`)
      const [before, after] = keptRuns().slice(-2)
      if (before === undefined || after === undefined) return console.log("There is no earlier run to compare with.")
      console.log(`${before.run.at} -> ${after.run.at}`)
      const comparisons = compareRuns(before.run, after.run)
      for (const comparison of comparisons) console.log(comparisonLine(comparison))
      if (comparisons.some(({ isRegression }) => isRegression)) process.exitCode = 1
    })

/** `bench report`: what a run found, for people. */
export const reportCommand = (): Command =>
  new Command("report")
    .description("Rewrites the table of docs/PERFORMANCE.md and the plots in loadtest/plots from a run.")
    .argument("[file]", "the run (default: the newest kept)")
    .action((file?: string) => {
      const run: Run | undefined = file === undefined ? keptRuns().at(-1)?.run : readRun(file)
      if (run === undefined) throw new Error("No run was kept yet: `npm run bench -- writer --json FILE`, then `compare FILE`")
      writeFileSync(page, withReport(readFileSync(page, "utf8"), run))
      mkdirSync(plots, { recursive: true })
      writeFileSync(join(plots, "ladder.svg"), ladderPlot(run))
      writeFileSync(join(plots, "ratios.svg"), ratioPlot(run))
    })
