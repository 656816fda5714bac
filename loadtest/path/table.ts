import type { StepResult } from "./result.ts"

const columns = ["profile", "layout", "offered", "done/s", "p50", "p95", "p99 ms", "held", "/gw core"]
const widths = [15, 7, 8, 8, 8, 9, 9, 5, 9]

const line = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell, index) => (index < 2 ? String(cell).padEnd(widths[index] ?? 0) : String(cell).padStart(widths[index] ?? 0)))
    .join(" ")

export const header = line(columns)

/** A step as text for people: its numbers, then each part's share of a core and each stage's p95. */
export function row(step: StepResult): string {
  const others = Object.entries(step.others).map(([name, times]) => `${times} x ${name}`)
  return [
    line([
      ...[step.profile, step.layout, step.rate_offered, step.per_second, step.p50_ms, step.p95_ms, step.p99_ms],
      ...[step.held ? "yes" : "no", step.per_gateway_core],
    ]),
    `    cores: ${Object.entries(step.cpu_by_part)
      .map(([part, share]) => `${part} ${share}`)
      .join(", ")}`,
    `    stages, p95 ms: ${Object.entries(step.stages)
      .map(([stage, { p95_ms }]) => `${stage} ${p95_ms}`)
      .join(", ")}; generator late at most ${step.generator_late_ms} ms`,
    ...(others.length > 0 ? [`    also answered: ${others.join(", ")}`] : []),
  ].join("\n")
}
