import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { flushMetrics } from "../../../core/adapters/telemetry.ts"
import { forEachSku, skuRoundLimits } from "../../../core/workflows/allocation/each-sku.ts"
import { parseEmbeddedMetrics } from "../../../local/metrics/embedded-metrics.ts"

let lines: string[]
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] })
  flushMetrics()
  lines = []
  // Metrics and the log go to the output of the process, through separate consoles.
  const write = (chunk: unknown) => lines.push(String(chunk)) > 0
  vi.spyOn(process.stdout, "write").mockImplementation(write)
  vi.spyOn(process.stderr, "write").mockImplementation(write)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const valuesOf = (name: string) => {
  flushMetrics()
  const found = lines.flatMap((line) => parseEmbeddedMetrics(line) ?? []).filter((one) => one.name === name)
  return found.flatMap(({ values }) => values)
}
const logged = () => lines.flatMap((line) => (line.includes("The task failed") ? [JSON.parse(line)] : []))

// Failures are kept by task and number: each test has its own numbers.
let given = 0
function someSkus(count: number): { skuNo: number }[] {
  given += count
  return Array.from({ length: count }, (_, index) => ({ skuNo: given - count + index }))
}
const fail = () => Promise.reject(new Error("ill"))

describe("a round over the SKUs of a task", () => {
  test("does the work for each SKU once, one after the other, in their order", async () => {
    const skus = someSkus(5)
    const seen: string[] = []
    await forEachSku("sweep", skus, async ({ skuNo }) => {
      seen.push(`begin ${skuNo}`)
      await Promise.resolve()
      seen.push(`end ${skuNo}`)
    })
    expect(seen).toEqual(skus.flatMap(({ skuNo }) => [`begin ${skuNo}`, `end ${skuNo}`]))
  })

  test("goes on after a failure; the next round begins with the SKUs that succeeded and ends with the one that failed", async () => {
    const skus = someSkus(3)
    const [failing] = skus
    const seen: number[] = []
    const work = async ({ skuNo }: { skuNo: number }) => {
      seen.push(skuNo)
      if (skuNo === failing?.skuNo) await fail()
    }
    await forEachSku("sweep", skus, work)
    expect(seen).toEqual(skus.map(({ skuNo }) => skuNo))
    seen.length = 0
    await forEachSku("sweep", skus, work)
    expect(seen).toEqual([...skus.slice(1), failing].map((sku) => sku?.skuNo))
  })

  test("counts each failure, measures for how long a SKU has been failing, and forgets it with its first success", async () => {
    const skus = someSkus(1)
    await forEachSku("relay", skus, fail)
    vi.advanceTimersByTime(61_000)
    await forEachSku("relay", skus, fail)
    expect(valuesOf("sku.failed").reduce((sum, value) => sum + value, 0)).toBe(2)
    expect(Math.max(...valuesOf("sku.failing"))).toBeGreaterThan(60_000)
    await forEachSku("relay", skus, async () => {})
    lines.length = 0
    await forEachSku("relay", skus, fail)
    expect(Math.max(...valuesOf("sku.failing"))).toBe(0)
  })

  test("logs the SKU, the task and the error: the first time, and again after a while, but not each time", async () => {
    const skus = someSkus(1)
    for (let round = 0; round < 5; round += 1) await forEachSku("warm", skus, fail)
    expect(logged()).toMatchObject([{ task: "warm", skuNo: skus[0]?.skuNo, failures: 1, error: { message: "ill" } }])
    vi.advanceTimersByTime(skuRoundLimits.logAgainMs)
    await forEachSku("warm", skus, fail)
    expect(logged()).toHaveLength(2)
    expect(logged()[1]).toMatchObject({ failures: 6, failingMs: skuRoundLimits.logAgainMs })
  })

  test("logs many failures of a round as ten lines and a sum", async () => {
    await forEachSku("warm", someSkus(30), fail)
    expect(logged()).toHaveLength(skuRoundLimits.maxFailuresLogged + 1)
    expect(logged().at(-1)).toMatchObject({ task: "warm", skus: 20 })
  })

  test("lets a slow SKU continue beside the next ones, at most a few at a time", async () => {
    const skus = someSkus(6)
    const begun: number[] = []
    const hang = Promise.withResolvers<void>()
    const round = forEachSku("sweep", skus, ({ skuNo }) => {
      begun.push(skuNo)
      return hang.promise
    })
    for (let step = 0; step < 10; step += 1) await vi.advanceTimersByTimeAsync(skuRoundLimits.patienceMs)
    expect(begun).toEqual(skus.slice(0, skuRoundLimits.maxSkusAtOnce).map(({ skuNo }) => skuNo))
    hang.resolve()
    await round
    expect(begun).toHaveLength(6)
  })

  test("spends a bounded time on SKUs that fail slowly; the SKUs that it left out come first in the next round", async () => {
    const failing = someSkus(10)
    const seen: number[] = []
    const slowly = async ({ skuNo }: { skuNo: number }) => {
      seen.push(skuNo)
      await new Promise((resolve) => setTimeout(resolve, skuRoundLimits.patienceMs - 1))
      throw new Error("ill")
    }
    const first = forEachSku("sweep", failing, slowly)
    await vi.runAllTimersAsync()
    await first
    const tried = seen.length
    expect(tried).toBe(Math.ceil(skuRoundLimits.maxFailingMs / (skuRoundLimits.patienceMs - 1)))
    const second = forEachSku("sweep", failing, slowly)
    await vi.runAllTimersAsync()
    await second
    expect(seen.slice(tried, 2 * tried)).toEqual(failing.slice(tried, 2 * tried).map(({ skuNo }) => skuNo))
  })
})
