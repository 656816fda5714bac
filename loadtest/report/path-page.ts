import { isGateway } from "../path/processes.ts"
import type { PathRun, StepResult } from "../path/result.ts"
import { kneeSentence, laddersOf } from "./knees.ts"
import { withSection } from "./page-section.ts"
import { type Column, markdownOf, number } from "./table.ts"

const markers = { begin: "<!-- bench report writes the path from here -->", end: "<!-- the path to here -->" }

/** A smaller share of a core is not shown. */
const leastCores = 0.01

const columns: readonly Column<StepResult>[] = [
  ["offered/s", ({ rate_offered }) => number(rate_offered)],
  ["done/s", ({ per_second }) => number(per_second)],
  ["p50 ms", ({ p50_ms }) => number(p50_ms, 1)],
  ["p95 ms", ({ p95_ms }) => number(p95_ms, 1)],
  ["p99 ms", ({ p99_ms }) => number(p99_ms, 1)],
  ["held", heldText],
  ["per gateway core", ({ per_gateway_core }) => number(per_gateway_core)],
  ["late ms", ({ generator_late_ms }) => number(generator_late_ms, 1)],
  ["stages, mean / p95 ms", stagesText, "left"],
  ["cores", coresText, "left"],
]

const legend = [
  "Done: the answers that count. Per gateway core: these answers for each second of processor time of all gateways. Late: how far",
  "the generator was behind its own plan at worst; the latencies include it. A stage's mean is the step's; its p95 is the system's",
  "own, over the last minute and of the slowest process, so it also includes earlier steps and the warm-up. Cores: how many each",
  "part kept busy.",
].join(" ")

/** Puts the results of a run of the path between their markers of the page. @throws Error when the markers are missing */
export const withPathReport = (page: string, run: PathRun): string => withSection(page, markers, reportOf(run))

function reportOf(run: PathRun): string {
  const ladders = laddersOf(run)
  return [
    machineLine(run),
    visitsLine(run),
    ladders.map((ladder) => `- ${kneeSentence(ladder)}`).join("\n"),
    ...ladders.flatMap(({ profile, layout, steps }) => [`### ${profile}, ${layout}`, markdownOf(columns, steps)]),
    legend,
  ].join("\n\n")
}

function machineLine({ at, machine, results }: PathRun): string {
  const gateways = new Set(results.flatMap(({ cpu_by_part }) => Object.keys(cpu_by_part).filter(isGateway)))
  const stepSeconds = [...new Set(results.map(({ sent, rate_offered }) => Math.round(sent / rate_offered)))]
  return `Measured on ${at.slice(0, 10)}: ${machine.cores} cores (${machine.processor}), ${machine.memoryMiB} MiB, Node ${machine.node}; processes that serve the API: ${gateways.size}; a step takes ${stepSeconds.join(" or ")} s.`
}

function visitsLine({ visits }: PathRun): string {
  if (visits === undefined) return "Some tokens were verified in the first steps of a ladder."
  const { newcomers, token_us: token, later_visit_us: later, bare_us: bare } = visits
  const cost = `Before the measurement every shopper came once. Each of ${number(newcomers)} new shoppers cost the gateway ${number(token, 0)} us more than the ${number(later, 0)} us of a visit with a cached token.`
  return bare === undefined ? cost : `${cost} A server that does nothing but HTTP took ${number(bare, 0)} us for such a visit.`
}

/** Whether the rate was held, and the other answers. */
function heldText({ held, others }: StepResult): string {
  const answers = Object.entries(others).map(([name, times]) => `${number(times)} x ${name.replaceAll(/[|<\s]+/g, " ")}`)
  return [held ? "yes" : "no", ...answers].join("; ")
}

function stagesText({ stages }: StepResult): string {
  return Object.entries(stages)
    .map(([stage, { mean_ms, p95_ms }]) => `${stage} ${number(mean_ms, 1)} / ${number(p95_ms, 1)}`)
    .join(", ")
}

function coresText({ cpu_by_part }: StepResult): string {
  return Object.entries(cpu_by_part)
    .filter(([, cores]) => cores >= leastCores)
    .sort(([, a], [, b]) => b - a)
    .map(([part, cores]) => `${part} ${number(cores, 2)}`)
    .join(", ")
}
