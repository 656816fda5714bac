import type { Result, Run } from "../measure/result.ts"
import { claimLines } from "./claims.ts"
import { limitLines } from "./limits.ts"
import { legend, markdownTable } from "./table.ts"

const begin = "<!-- bench report writes from here -->"
const end = "<!-- to here -->"

/** Puts what a run found between the markers of the page; the rest stays. @throws Error when the markers are missing */
export function withReport(page: string, run: Run): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`The page has no "${begin}" and "${end}"`)
  return `${before}${begin}\n${reportOf(run)}\n${end}${after}`
}

function reportOf(run: Run): string {
  const { at, machine, quick, rounds, results } = run
  const settings = Object.entries(machine.postgres_settings).map(([name, value]) => `\`${name}=${value}\``)
  const rivals = results.filter(({ name, best }) => !name.startsWith("writer") && best)
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n")
  return [
    `Measured on ${at.slice(0, 10)}: ${machine.cores} cores (${machine.processor}), ${machine.memory_mib} MiB, Linux ${machine.kernel}, Node ${machine.node}, PostgreSQL ${machine.postgres}, ${machine.file_system}; 8 kB and fdatasync: median ${machine.fdatasync_p50_ms} ms, ${machine.fdatasync_per_second.toLocaleString("en")}/s. Load before: ${machine.load_average}. ${quick ? "A quick run" : `${rounds} rounds, every second one backwards`}.`,
    `The cluster: ${settings.join(", ")}.`,
    "### The writer",
    markdownTable(results.filter(isOurs)),
    "### Its rivals, each at its best",
    markdownTable(rivals),
    legend,
    "### What was published, and what this machine says",
    list(claimLines(run)),
    "### What one PostgreSQL backend and fsync allow",
    list(limitLines(run)),
    "### Every number",
    markdownTable(results.filter((result) => !isOurs(result))),
  ].join("\n\n")
}

const isOurs = ({ name }: Result): boolean => name.startsWith("writer")
