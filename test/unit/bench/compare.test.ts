import { expect, test } from "vitest"
import { compareRuns, ratiosOf } from "../../../loadtest/report/compare.ts"
import { givenResult, givenRun } from "./given-run.ts"

const runOf = (writer: number, rowLock: number, conditional: number) =>
  givenRun([givenResult("writer", writer), givenResult("row-lock", rowLock), givenResult("conditional", conditional)])
const before = runOf(20_000, 2_000, 4_000)

test("a writer that falls behind its rivals is a regression, although it decides as much as before in absolute numbers", () => {
  const [comparison] = compareRuns(before, runOf(20_000, 3_000, 6_000))
  expect(comparison).toMatchObject({ result: "writer, all-accepted, batch 250", isRegression: true })
})

test("a machine of half the speed is no regression", () => {
  const [comparison] = compareRuns(before, runOf(10_000, 1_000, 2_000))
  expect(comparison?.after).toBeCloseTo(comparison?.before ?? 0)
  expect(comparison?.isRegression).toBe(false)
})

test("noise is no regression, a fifth less is", () => {
  expect(compareRuns(before, runOf(18_000, 2_000, 4_000))[0]?.isRegression).toBe(false)
  expect(compareRuns(before, runOf(16_000, 2_000, 4_000))[0]?.isRegression).toBe(true)
})

test("each profile and batch is compared with itself, and what is new with nothing", () => {
  const refused = givenResult("writer", 30_000, { profile: "refused-only" })
  const comparisons = compareRuns(before, givenRun([...before.results, refused]))
  expect(comparisons.map(({ result }) => result)).toEqual(["writer, all-accepted, batch 250"])
})

test("only the best of a rival counts, and a run without rivals cannot be compared", () => {
  const slower = givenResult("row-lock", 10, { connections: 32, best: false })
  expect(ratiosOf(givenRun([slower, ...before.results]))).toEqual(ratiosOf(before))
  expect(() => ratiosOf(givenRun([givenResult("writer", 1)]))).toThrow("row-lock")
})
