import { beforeEach, expect, test, vi } from "vitest"
import { flushMetrics, logger } from "../../core/adapters/telemetry.ts"
import { createBlockage, writerBlockedAlarmMs } from "../../lambdas/batch-writer/blockage.ts"
import { saleAlarms } from "../../lib/alarms/sale.ts"
import { stages } from "../../lib/stages.ts"
import { parseEmbeddedMetrics } from "../../local/metrics/embedded-metrics.ts"

const warned = vi.spyOn(logger, "warn").mockImplementation(() => {})
const critical = vi.spyOn(logger, "critical").mockImplementation(() => {})
// Metrics go to the output of the process, through a separate console.
const printed = vi.spyOn(process.stdout, "write").mockImplementation(() => true)
beforeEach(() => {
  for (const spy of [warned, critical, printed]) spy.mockClear()
})

/** The longest block that was measured since the last call, in milliseconds; undefined when none was. */
function blockedMs(): number | undefined {
  flushMetrics()
  const lines = printed.mock.calls.map(([line]) => parseEmbeddedMetrics(String(line)))
  printed.mockClear()
  const values = lines.flatMap((samples) => samples ?? []).filter(({ name }) => name === "writer.blocked")
  return values.length === 0 ? undefined : Math.max(...values.flatMap(({ values: measured }) => measured))
}

const ill = Object.assign(new Error("x"), { code: "23514" })
const frozen = Object.assign(new Error("x"), { code: "FS005" })
const longTimeLeftMs = () => 60_000

function givenBlockage() {
  let atMs = 1_000
  const blockage = createBlockage(() => atMs)
  return {
    blockage,
    pass: (ms: number) => {
      atMs += ms
    },
  }
}

test("a partition that cannot be written is measured from its first failure until its first success", async () => {
  const { blockage, pass } = givenBlockage()
  await blockage.waitOut("requests-1", ill, 1, longTimeLeftMs)
  pass(16_000)
  await blockage.waitOut("requests-1", ill, 1, longTimeLeftMs)
  expect(blockedMs()).toBe(16_000)
  blockage.over("requests-1")
  pass(16_000)
  await blockage.waitOut("requests-1", ill, 1, longTimeLeftMs)
  expect(blockedMs()).toBe(0)
})

test("the log says once that the writer waits, and WriterCannotWrite each time that the alarm's bound has passed", async () => {
  const { blockage, pass } = givenBlockage()
  for (let failures = 0; failures < 4; failures += 1) await blockage.waitOut("requests-1", ill, 1, longTimeLeftMs)
  expect([warned.mock.calls.length, critical.mock.calls.length]).toEqual([1, 0])
  for (let periods = 0; periods < 2; periods += 1) {
    pass(writerBlockedAlarmMs)
    await blockage.waitOut("requests-1", ill, 1, longTimeLeftMs)
    await blockage.waitOut("requests-1", ill, 1, longTimeLeftMs)
  }
  expect(critical.mock.calls.map(([message]) => String(message).split(":")[0])).toEqual([
    "WriterCannotWrite",
    "WriterCannotWrite",
  ])
})

test("a frozen partition waits, and is no incident", async () => {
  const { blockage, pass } = givenBlockage()
  blockedMs()
  await blockage.waitOut("requests-1", frozen, 1, longTimeLeftMs)
  pass(60_000)
  await blockage.waitOut("requests-1", frozen, 2, longTimeLeftMs)
  expect(blockedMs()).toBeUndefined()
  expect([warned.mock.calls.length, critical.mock.calls.length]).toEqual([1, 0])
})

test("an invocation without time for another try leaves it to the redelivery, and its failure is measured", async () => {
  const { blockage } = givenBlockage()
  await expect(blockage.waitOut("requests-1", ill, 1, () => 10)).rejects.toBe(ill)
  expect(blockedMs()).toBe(0)
})

test("the alarm has the writer's bound", () => {
  const alarm = saleAlarms(stages.prod).find(({ heading }) => heading === "WriterCannotWrite")
  expect(alarm).toMatchObject({ priority: "P0", above: writerBlockedAlarmMs })
})
