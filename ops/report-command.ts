import { writeFileSync } from "node:fs"
import type { Command } from "commander"
import type { StageConfig } from "../lib/config.ts"
import { stageNamed } from "../lib/stages.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import type { ReportSources } from "./report/sources.ts"

interface ReportOptions {
  readonly from?: string
  readonly to?: string
  readonly html?: string
}

/** Adds `ops report`. */
export function addReportCommand(program: Command, { ask, asJson, options }: CommandContext): void {
  const report = program
    .command("report [sku...]")
    .description(
      "report what a sale did: requests, latencies, refusals, flagged clients, queue, peaks, units, money, alarms, cost, and the proof that nothing was oversold. Without SKUs: every sale that closed or sold out in the window. It changes nothing, and ends with 1 when the proof fails",
    )
    .option("--from <time>", "begin here: RFC 3339, or before now as -2h (default: 24 h before the end)")
    .option("--to <time>", "end here (default: now)")
    .option("--html <file>", "write one HTML file with plots, which loads nothing")
    .addHelpText(
      "after",
      "\n--json FILE writes the report as JSON into FILE, a name with a dot or a slash. --json alone prints it.",
    )
    .action(async (operands: readonly string[], { from, to, html }: ReportOptions) => {
      const { skuIds, jsonFile } = operandsOf(operands, asJson())
      const { stage } = options()
      const planned = stageNamed(stage ?? "dev")
      const { collectReport } = await import("./report/collect.ts")
      const made = await collectReport(
        { skuIds, from, to, stage },
        { ask: ask(), sources: await sourcesOf(stage, planned), planned, progress, nowMs: Date.now() },
      )
      if (html !== undefined) {
        const { reportPage } = await import("./report/page.ts")
        writeFileSync(html, reportPage(made))
        progress(`wrote ${html}`)
      }
      if (jsonFile !== undefined) {
        writeFileSync(jsonFile, `${JSON.stringify(made, null, 2)}\n`)
        progress(`wrote ${jsonFile}`)
      } else if (asJson()) console.log(JSON.stringify(made))
      else if (html === undefined) console.log((await import("./report/text.ts")).reportText(made))
      if (!made.proof.ok) process.exitCode = failed
    })
  withExamples(report, "report phone-black --html report.html", "report --from -2h --json report.json", "--json report")
}

const progress = (line: string): void => {
  process.stderr.write(`report: ${line}\n`)
}

/**
 * `--json` is an option of every command and takes no value, so that the file after it arrives among the SKUs. The name of a
 * SKU has neither a dot nor a slash. @throws Error for a file without `--json`, or for two
 */
function operandsOf(operands: readonly string[], json: boolean): { skuIds: string[]; jsonFile?: string } {
  const isFile = (operand: string) => /[./]/.test(operand)
  const skuIds = operands.filter((operand) => !isFile(operand))
  const [jsonFile, second] = operands.filter(isFile)
  if (jsonFile === undefined) return { skuIds }
  if (second !== undefined) throw new Error(`${jsonFile} and ${second} are no SKUs. Give one file after --json.`)
  if (!json) throw new Error(`${jsonFile} is no SKU. To write JSON into this file, give --json ${jsonFile}.`)
  return { skuIds, jsonFile }
}

/** @throws Error when neither a stage is named nor a local system runs */
async function sourcesOf(stage: string | undefined, planned: StageConfig): Promise<ReportSources> {
  const { watchedAlarms } = await import("./report/watched-alarms.ts")
  if (stage !== undefined) return (await import("./report/aws-sources.ts")).awsSources(planned, watchedAlarms(planned))
  const { LOCAL_STATE_DIR: stateDir } = process.env
  if (stateDir === undefined) throw new Error("No system is running here. Start one (npm start), or name a stage (--stage).")
  return (await import("./report/local-sources.ts")).localSources(stateDir, watchedAlarms(planned))
}
