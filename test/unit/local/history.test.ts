import { appendFileSync, mkdtempSync, readdirSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import type { Measured } from "../../../core/contracts/measured.ts"
import { followHistory } from "../../../local/metrics/follow-history.ts"
import { historyFolder, maxHistoryFileBytes, openHistory, readMeasured } from "../../../local/metrics/history.ts"

const fail = (error: Error) => {
  throw error
}
const givenFolder = () => historyFolder(mkdtempSync(join(tmpdir(), "history-")))

const measured = (atMs: number, service: string, values = [1]): Measured => ({
  at_ms: atMs,
  service,
  name: "queue.wait",
  unit: "Milliseconds",
  labels: {},
  values,
})

async function all(folder: string, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER): Promise<Measured[]> {
  const read: Measured[] = []
  for await (const one of readMeasured(folder, fromMs, toMs)) read.push(one)
  return read
}

test("the measurements of all parts come in order of time, those of the asked time only", async () => {
  const folder = givenFolder()
  const [writer, gateway] = [openHistory(folder, "batch-writer", fail), openHistory(folder, "gateway", fail)]
  writer.keep([measured(10, "batch-writer"), measured(30, "batch-writer")])
  gateway.keep([measured(20, "reserve"), measured(40, "reserve")])
  writer.finish()
  gateway.finish()
  expect((await all(folder)).map(({ at_ms }) => at_ms)).toEqual([10, 20, 30, 40])
  expect((await all(folder, 20, 40)).map(({ at_ms }) => at_ms)).toEqual([20, 30])
  expect(await all(join(folder, "absent"))).toEqual([])
})

test("a flush is written by itself, in one go, and its values are kept to a thousandth", async () => {
  const folder = givenFolder()
  const history = openHistory(folder, "gateway", fail)
  history.keep([measured(1, "reserve", [0.123_456, 7])])
  history.keep([measured(1, "checkout")])
  await expect.poll(() => all(folder)).toEqual([measured(1, "reserve", [0.123, 7]), measured(1, "checkout")])
})

test("a line that a killed process did not finish is passed over, and what follows is read", async () => {
  const folder = givenFolder()
  const history = openHistory(folder, "gateway", fail)
  history.keep([measured(1, "reserve")])
  history.finish()
  appendFileSync(join(folder, "gateway.jsonl"), '{"at_ms":2,"serv\n')
  history.keep([measured(3, "reserve")])
  history.finish()
  expect((await all(folder)).map(({ at_ms }) => at_ms)).toEqual([1, 3])
})

test("a part keeps two files of a bounded size, and the oldest measurements go", async () => {
  const folder = givenFolder()
  const fileBytes = 4_096
  const history = openHistory(folder, "gateway", fail, fileBytes)
  for (let atMs = 0; atMs < 500; atMs++) {
    history.keep([measured(atMs, "reserve")])
    history.finish()
  }
  expect(readdirSync(folder).sort()).toEqual(["gateway.jsonl", "gateway.older.jsonl"])
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(fileBytes)
  const kept = (await all(folder)).map(({ at_ms }) => at_ms)
  expect(kept.at(-1)).toBe(499)
  expect(kept.length).toBeGreaterThan(40)
  expect(kept).toEqual(kept.toSorted((a, b) => a - b))
  expect(maxHistoryFileBytes).toBe(16 * 1_024 * 1_024)
})

test("a follower reads each measurement once, also across a replaced file and an unfinished line", () => {
  const folder = givenFolder()
  const history = openHistory(folder, "gateway", fail, 300)
  const follower = followHistory(folder, 10_000)
  const next = () => follower.next().map(({ at_ms }) => at_ms)
  expect(next()).toEqual([])
  history.keep([measured(1, "reserve"), measured(2, "reserve")])
  history.finish()
  expect(next()).toEqual([1, 2])
  expect(next()).toEqual([])
  const line = JSON.stringify(measured(3, "reserve"))
  appendFileSync(join(folder, "gateway.jsonl"), line.slice(0, 20))
  expect(next()).toEqual([])
  appendFileSync(join(folder, "gateway.jsonl"), `${line.slice(20)}\n`)
  expect(next()).toEqual([3])
  history.keep([measured(4, "reserve"), measured(5, "reserve")])
  history.finish()
  expect(next()).toEqual([4, 5])
})
