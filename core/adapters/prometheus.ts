/** One metric in Prometheus' text format: a type line and its samples. */
export interface Family {
  readonly name: string
  readonly type: "counter" | "gauge" | "summary"
  readonly samples: readonly Sample[]
}

interface Sample {
  /** The suffix of the family's name: `_sum` and `_count` of a summary. */
  readonly suffix?: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8"

/** `batch.latency` is `flash_sale_batch_latency`. */
export const prometheusName = (metric: string): string => `flash_sale_${metric.replace(/[^A-Za-z0-9]/g, "_")}`

/** Prometheus' text format. */
export function renderFamilies(families: readonly Family[]): string {
  return families
    .flatMap(({ name, type, samples }) => [
      `# TYPE ${name} ${type}`,
      ...samples.map(({ suffix = "", labels, value }) => `${name}${suffix}${renderLabels(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join("")
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

const escaped = (character: string) => (character === "\n" ? "\\n" : `\\${character}`)
