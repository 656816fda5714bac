import type { Collector } from "./collector.ts"
import { parseEmbeddedMetrics } from "./embedded-metrics.ts"

type Done = (error?: Error | null) => void

/**
 * Takes the lines with embedded metrics out of this process's stdout, as CloudWatch Logs does on AWS. All other output passes.
 * The functions write the same lines as on AWS.
 */
export function captureMetrics(collector: Collector): void {
  const write = process.stdout.write.bind(process.stdout)

  function intercept(chunk: string | Uint8Array, encodingOrDone?: BufferEncoding | Done, done?: Done): boolean {
    const measurements = typeof chunk === "string" ? parseEmbeddedMetrics(chunk) : undefined
    const written = typeof encodingOrDone === "function" ? encodingOrDone : done
    if (measurements) {
      collector.add(measurements)
      if (written) process.nextTick(written)
      return true
    }
    return typeof encodingOrDone === "string" ? write(chunk, encodingOrDone, written) : write(chunk, written)
  }
  process.stdout.write = intercept
}
