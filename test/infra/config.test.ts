import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { functionNames } from "../../lib/config.ts"
import { stageNamed, stages } from "../../lib/stages.ts"

const repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const folders = () =>
  readdirSync(repository("lambdas"), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

test("the configured functions are the folders of lambdas/", () => {
  expect([...functionNames].sort()).toEqual(folders().sort())
})

test("a stage is found by its name", () => {
  for (const [name, stage] of Object.entries(stages)) expect(stage.name).toBe(name)
  expect(stageNamed("prod")).toBe(stages.prod)
  expect(() => stageNamed("production")).toThrow('There is no stage "production". Stages: try, dev, load, prod.')
})

test("the load stage equals prod in everything that carries load", () => {
  const { capacity, kafka, eventSources, functions, reserve, quotas } = stages.prod
  expect(stages.load).toMatchObject({ capacity, kafka, eventSources, functions, reserve, quotas })
  expect(stages.load.database).toMatchObject({
    instanceType: stages.prod.database.instanceType,
    maxConnections: stages.prod.database.maxConnections,
  })
})

test("the edge of the load stage accepts a rehearsal, which has few addresses and solves no challenge", () => {
  const { readCeilingPerSecond, writeCeilingPerSecond } = stages.prod.edge
  expect(stages.load.edge).toMatchObject({ readCeilingPerSecond, writeCeilingPerSecond, botControl: false })
  expect(stages.load.edge.readsPerMinutePerIp / 60).toBeGreaterThanOrEqual(stages.load.capacity.peakReadsPerSecond)
  expect(stages.load.edge.writesPerMinutePerIp / 60).toBeGreaterThanOrEqual(stages.load.capacity.peakReservationsPerSecond)
})

test("stages do not share addresses, and only prod keeps its data", () => {
  const all = Object.values(stages)
  expect(new Set(all.map(({ network }) => network.cidr)).size).toBe(all.length)
  expect(all.filter(({ retainData }) => retainData).map(({ name }) => name)).toEqual(["prod"])
})

/** The number of a constant in a source file. lib/ may not import lambdas/, so that only this test compares them. */
function constantIn(path: string, pattern: RegExp): number {
  const [, digits = ""] = pattern.exec(readFileSync(repository(path), "utf8")) ?? []
  return Number(digits.replaceAll("_", ""))
}

describe.each(Object.values(stages))("stage $name says of the sweeper what its code does", ({ expiry }) => {
  test("the interval of sweeps, and the time of an invocation", () => {
    expect(constantIn("lambdas/expiry-sweeper/workflow.ts", /sweep: ([\d_]+)/)).toBe(expiry.sweepIntervalSeconds * 1_000)
    expect(constantIn("lambdas/expiry-sweeper/handler.ts", /invocationMs = ([\d_]+)/)).toBe(expiry.invocationSeconds * 1_000)
  })
})
