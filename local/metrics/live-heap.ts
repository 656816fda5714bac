import { constants, PerformanceObserver } from "node:perf_hooks"
import { type Family, prometheusName } from "../../core/adapters/prometheus.ts"

/**
 * Watches the memory that this process holds: the bytes of its heap, and of buffers outside it, right after the last full
 * collection. The memory that V8 has taken from the system is several times as much, and it grows for minutes after the heap has
 * stopped to grow.
 *
 * @returns the current state; nothing before the first full collection
 */
export function watchLiveHeap(part: string): () => readonly Family[] {
  let bytes: number | undefined
  const observer = new PerformanceObserver((entries) => {
    if (entries.getEntries().some(isFullCollection)) {
      const { heapUsed, external } = process.memoryUsage()
      bytes = heapUsed + external
    }
  })
  observer.observe({ entryTypes: ["gc"] })
  return () =>
    bytes === undefined
      ? []
      : [{ name: prometheusName("live.heap.bytes"), type: "gauge", samples: [{ labels: { part }, value: bytes }] }]
}

const isFullCollection = (entry: object): boolean =>
  "detail" in entry && (entry.detail as { kind?: unknown } | undefined)?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
