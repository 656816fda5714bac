import { createServer } from "node:http"
import { prometheusContentType, renderFamilies } from "../../core/adapters/prometheus.ts"
import { flushMetrics } from "../../core/adapters/telemetry.ts"
import { captureMetrics } from "./capture.ts"
import { type Collector, createCollector } from "./collector.ts"
import { watchLiveHeap } from "./live-heap.ts"

/** Starts to collect what the functions of this process measure, and how much memory the process holds. */
export function collectMetrics(): Collector {
  const collector = createCollector()
  captureMetrics(collector)
  const liveHeap = watchLiveHeap(process.env.SERVICE_NAME ?? "process")
  return { ...collector, families: () => [...collector.families(), ...liveHeap()] }
}

/**
 * The measurements of this process so far. The functions buffer values for ten seconds; they write them out before this is read.
 */
export function metricsPage(collector: Collector): string {
  flushMetrics()
  return renderFamilies(collector.families())
}

/** Serves GET /metrics of this process on 127.0.0.1. It does not keep the process alive. @throws Error when the port is taken */
export async function serveMetrics(collector: Collector, port: number): Promise<void> {
  const server = createServer((request, response) => {
    const found = request.method === "GET" && request.url === "/metrics"
    response.writeHead(found ? 200 : 404, { "content-type": prometheusContentType })
    response.end(found ? metricsPage(collector) : "")
  })
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve))
  server.unref()
}
