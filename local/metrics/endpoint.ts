import { createServer } from "node:http"
import { prometheusContentType, renderFamilies } from "../../core/adapters/prometheus.ts"
import { flushMetrics, logger } from "../../core/adapters/telemetry.ts"
import { captureMetrics } from "./capture.ts"
import { type Collector, createCollector } from "./collector.ts"
import { type History, historyFolder, openHistory } from "./history.ts"
import { watchLiveHeap } from "./live-heap.ts"

/** A process whose functions measure nothing more still writes what they measured before. */
const flushIntervalMs = 10_000

/**
 * Starts to collect what the functions of this process measure, and how much memory the process holds. The measurements are kept
 * in the state folder, too, if there is one.
 */
export function collectMetrics(): Collector {
  const { LOCAL_STATE_DIR: stateDir, SERVICE_NAME: part = "process" } = process.env
  const collector = createCollector()
  const history = stateDir === undefined ? undefined : openPartHistory(stateDir, part)
  captureMetrics(collector, history)
  setInterval(flushMetrics, flushIntervalMs).unref()
  const liveHeap = watchLiveHeap(part)
  return { ...collector, families: () => [...collector.families(), ...liveHeap()] }
}

function openPartHistory(stateDir: string, part: string): History {
  const history = openHistory(historyFolder(stateDir), part, (error) =>
    logger.warn("Measurements could not be kept; those of the next flush are written again", { part, error }),
  )
  process.once("exit", () => {
    flushMetrics()
    history.finish()
  })
  return history
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
