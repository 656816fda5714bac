import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics"
import { expect, test, vi } from "vitest"
import { renderFamilies } from "../../../core/adapters/prometheus.ts"
import { captureMetrics } from "../../../local/metrics/capture.ts"
import { createCollector } from "../../../local/metrics/collector.ts"
import { parseEmbeddedMetrics } from "../../../local/metrics/embedded-metrics.ts"
import { mergePages } from "../../../local/metrics/prometheus.ts"

const line = (values: Record<string, number | number[]>, units: Record<string, string>) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        {
          Namespace: "FlashSale",
          Dimensions: [["service"]],
          Metrics: Object.entries(units).map(([Name, Unit]) => ({ Name, Unit })),
        },
      ],
    },
    service: "batch-writer",
    ...values,
  })

const collected = (nowMs: () => number, ...lines: string[]) => {
  const collector = createCollector(nowMs)
  for (const one of lines) collector.add(parseEmbeddedMetrics(one) ?? [])
  return () => renderFamilies(collector.families())
}

test("counts add up, gauges show the last value", () => {
  const page = collected(
    () => 0,
    line({ "batch.processed": 250, "queue.depth": 90 }, { "batch.processed": "Count", "queue.depth": "Count" }),
    line({ "batch.processed": [100, 50], "queue.depth": 7 }, { "batch.processed": "Count", "queue.depth": "Count" }),
  )
  expect(page()).toBe(
    [
      "# TYPE flash_sale_batch_processed counter",
      'flash_sale_batch_processed{function="batch-writer"} 400',
      "# TYPE flash_sale_queue_depth gauge",
      'flash_sale_queue_depth{function="batch-writer"} 7',
      "",
    ].join("\n"),
  )
})

test("latencies show the quantiles of the last minute, and the sum and count of all time", () => {
  let now = 0
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  const page = collected(() => now, line({ "batch.latency": hundred }, { "batch.latency": "Milliseconds" }))
  expect(page()).toContain('flash_sale_batch_latency{function="batch-writer",quantile="0.95"} 95\n')
  now = 61_000
  expect(page()).not.toContain("quantile")
  expect(page()).toContain('flash_sale_batch_latency_sum{function="batch-writer"} 5050\n')
  expect(page()).toContain('flash_sale_batch_latency_count{function="batch-writer"} 100\n')
})

test("pages of several parts become one that announces each metric once", () => {
  const page = (name: string) => `# TYPE flash_sale_x counter\nflash_sale_x{function="${name}"} 1\n`
  expect(mergePages([page("a"), "# TYPE flash_sale_y gauge\nflash_sale_y 2\n", page("b")])).toBe(
    '# TYPE flash_sale_x counter\nflash_sale_x{function="a"} 1\nflash_sale_x{function="b"} 1\n# TYPE flash_sale_y gauge\nflash_sale_y 2\n',
  )
})

test("the lines of Powertools are collected and do not appear in the log, other lines do", () => {
  const written: string[] = []
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0)
  const collector = createCollector()
  captureMetrics(collector)
  try {
    vi.stubEnv("POWERTOOLS_DEV", "false")
    const metrics = new Metrics({ namespace: "FlashSale", serviceName: "gateway" })
    metrics.addMetric("quarantine.unknown-version", MetricUnit.Count, 2)
    metrics.publishStoredMetrics()
    process.stdout.write('{"level":"INFO","message":"a line"}\n')
    process.stdout.write("{ not json _aws\n")
  } finally {
    stdout.mockRestore()
    vi.unstubAllEnvs()
  }
  expect(renderFamilies(collector.families())).toContain('flash_sale_quarantine_unknown_version{function="gateway"} 2\n')
  expect(written).toEqual(['{"level":"INFO","message":"a line"}\n', "{ not json _aws\n"])
})
