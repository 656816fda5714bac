import type { Result, Run } from "../measure/result.ts"
import { claimLines } from "./claims.ts"
import { limitLines } from "./limits.ts"
import { withSection } from "./page-section.ts"
import { legend, markdownTable } from "./table.ts"

const markers = { begin: "<!-- bench report writes from here -->", end: "<!-- to here -->" }

/** Puts the results of a run between the markers of the page; the rest stays. @throws Error when the markers are missing */
export const withReport = (page: string, run: Run): string => withSection(page, markers, reportOf(run))

function reportOf(run: Run): string {
  const { at, machine, quick, rounds, results } = run
  const settings = Object.entries(machine.postgres_settings).map(([name, value]) => `\`${name}=${value}\``)
  const rivals = results.filter(({ name, best }) => !name.startsWith("writer") && best)
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n")
  return [
    `Measured on ${at.slice(0, 10)}: ${machine.cores} cores (${machine.processor}), ${machine.memory_mib} MiB, Linux ${machine.kernel}, Node ${machine.node}, PostgreSQL ${machine.postgres}, ${machine.file_system}; 8 kB and fdatasync: median ${machine.fdatasync_p50_ms} ms, ${machine.fdatasync_per_second.toLocaleString("en")}/s. Load before: ${machine.load_average}. ${quick ? "A quick run" : `${rounds} rounds, every second one in reverse order`}.`,
    `The cluster: ${settings.join(", ")}.`,
    "### The writer",
    markdownTable(results.filter(isOurs)),
    "### Its rivals, each at its best",
    markdownTable(rivals),
    legend.replace("*", "\\*"),
    "### Published claims, and the results of this machine",
    list(claimLines(run)),
    "### What one PostgreSQL backend and fsync allow",
    list(limitLines(run)),
    "### Every number",
    markdownTable(results.filter((result) => !isOurs(result))),
  ].join("\n\n")
}

const isOurs = ({ name }: Result): boolean => name.startsWith("writer")
