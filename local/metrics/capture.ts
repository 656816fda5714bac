import type { Measured } from "../../core/contracts/measured.ts"
import type { Collector } from "./collector.ts"
import { type Measurement, parseEmbeddedMetrics } from "./embedded-metrics.ts"
import type { History } from "./history.ts"

type Done = (error?: Error | null) => void

/**
 * Takes the lines with embedded metrics out of this process's stdout, as CloudWatch Logs does on AWS. All other output passes.
 * The functions write the same lines as on AWS.
 */
export function captureMetrics(collector: Pick<Collector, "add">, history?: Pick<History, "keep">): void {
  const write = process.stdout.write.bind(process.stdout)

  function intercept(chunk: string | Uint8Array, encodingOrDone?: BufferEncoding | Done, done?: Done): boolean {
    const measurements = typeof chunk === "string" ? parseEmbeddedMetrics(chunk) : undefined
    const written = typeof encodingOrDone === "function" ? encodingOrDone : done
    if (measurements) {
      collector.add(measurements)
      history?.keep(measurements.map((one) => measuredAt(Date.now(), one)))
      if (written) process.nextTick(written)
      return true
    }
    return typeof encodingOrDone === "string" ? write(chunk, encodingOrDone, written) : write(chunk, written)
  }
  process.stdout.write = intercept
}

/** The form of the history. @param atMs the moment of the flush, in milliseconds */
export function measuredAt(atMs: number, { name, unit, labels, values }: Measurement): Measured {
  const { function: service = "process", ...others } = labels
  return { at_ms: atMs, service, name, unit, labels: others, values: [...values] }
}
