import { existsSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { mutated } from "../mutants/mutant.ts"
import { promises } from "../mutants/promises.ts"
import { mutants } from "../mutants/table.ts"

const repository = (path: string) => new URL(`../../${path}`, import.meta.url)

test("each mutant replaces a text that is exactly once in its file, and the test file that must kill it exists", () => {
  for (const mutant of mutants) {
    const text = readFileSync(repository(mutant.file), "utf8")
    expect(mutated(text, mutant), mutant.name).not.toBe(text)
    expect(existsSync(repository(`test/infra/${mutant.killedBy}.test.ts`)), mutant.killedBy).toBe(true)
  }
})

test("every promise of the design has a mutant that breaks it", () => {
  const broken = new Set(mutants.map(({ promise }) => promise))
  expect(promises.filter((promise) => !broken.has(promise))).toEqual([])
})

test("no mutant is in the table twice", () => {
  const rows = mutants.map((mutant) => JSON.stringify([mutant.file, mutant.replace, mutant.with]))
  expect(rows.length - new Set(rows).size).toBe(0)
})
